// A build of the page, or of a program for Node, by each bundler.

import { cpSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { promisify } from "node:util";
import esbuild from "esbuild";
import * as vite from "vite";
import webpack from "webpack";
import { project } from "./support.mjs";

const at = (...parts) => join(project, ...parts);
const withPage = (folder) => {
  cpSync(at("program/index.html"), join(folder, "index.html"));
  return { folder };
};

export const forBrowsers = {
  "esbuild, the module as a file": () => byEsbuild("file"),
  "esbuild, the module inline": () => byEsbuild("binary"),
  "vite build": byVite,
  "vite dev": byViteDev,
  webpack: byWebpack,
};

async function byEsbuild(loader) {
  const folder = at(`esbuild-${loader}`);
  await esbuild.build({
    entryPoints: { main: at("program/main-with-module.js"), worker: at("program/worker.js") },
    bundle: true,
    minify: true,
    format: "esm",
    outdir: folder,
    loader: { ".wasm": loader },
  });
  return withPage(folder);
}

async function byVite() {
  const folder = at("vite");
  await vite.build({
    root: at("program"),
    logLevel: "error",
    build: { outDir: folder, emptyOutDir: true },
  });
  return { folder };
}

async function byViteDev() {
  const server = await vite.createServer({
    root: at("program"),
    cacheDir: at("vite-cache"),
    logLevel: "error",
    server: { host: "127.0.0.1", port: 0 },
  });
  await server.listen();
  after(() => server.close());
  return { origin: `http://127.0.0.1:${server.httpServer.address().port}` };
}

async function byWebpack() {
  const folder = at("webpack");
  const stats = await promisify(webpack)({
    context: at("program"),
    mode: "production",
    entry: { main: "./main.js" },
    output: { path: folder },
    // It warns of every file above 244 KiB, and the module is one.
    performance: { hints: false },
  });
  if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString("errors-warnings"));
  return withPage(folder);
}

/** A program for Node in one file. */
export async function forNode() {
  const outfile = at("node/bundled.cjs");
  await esbuild.build({
    entryPoints: [at("program/bundled.js")],
    bundle: true,
    platform: "node",
    target: "node20",
    outfile,
    loader: { ".wasm": "binary" },
  });
  return outfile;
}

/** The same by esbuild's defaults for Node, without a loader: the module is in the bundle. */
export async function forLambda(format) {
  const outfile = at(`lambda-${format}/index.${format === "esm" ? "mjs" : "cjs"}`);
  await esbuild.build({
    entryPoints: [at("program/handler.js")],
    bundle: true,
    platform: "node",
    format,
    outfile,
  });
  return outfile;
}

/** A program for a worker runtime: one script, and the module beside it. */
export async function forWorkerd() {
  const folder = at("workerd");
  await esbuild.build({
    entryPoints: [at("program/edge.js")],
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    outdir: folder,
    external: ["@opwire/sdk/core.wasm"],
  });
  cpSync(at("node_modules/@opwire/sdk/dist/core.wasm"), join(folder, "core.wasm"));
  return folder;
}
