// Builds the page: three files, which the server embeds. Their bytes depend on the sources and esbuild's version only.

import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { build } from "esbuild";

const folder =
  process.argv[2] ?? new URL("../../../crates/op-server/assets/share", import.meta.url).pathname;
const root = new URL("..", import.meta.url).pathname;

mkdirSync(folder, { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: ["main.ts", "page.css"].map((source) => ({ in: `src/${source}`, out: "page" })),
  outdir: folder,
  bundle: true,
  minify: true,
  charset: "utf8",
  // Browsers that are older do not run it, and show the text of index.html.
  target: ["chrome80", "firefox78", "safari14.1"],
  format: "iife",
  legalComments: "none",
});
const html = readFileSync(`${root}/src/index.html`, "utf8");
writeFileSync(`${folder}/index.html`, html.replace(/\n\s+/g, "\n"));
