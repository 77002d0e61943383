// Makes glue.js of wasm-bindgen's output: node scripts/glue.mjs IN OUT
//
// The output of `--target no-modules` keeps its state (the instance, views of its memory) inside one function
// expression. Calling that anew for each engine gives each a state of its own, so that an engine that broke down is
// replaced by a new one, and none disturbs another.

import { readFileSync, writeFileSync } from "node:fs";

const [input, output] = process.argv.slice(2);
const glue = readFileSync(input, "utf8");
if (!/^let wasm_bindgen = \(function/m.test(glue)) {
  console.error(`glue: ${input} is not what wasm-bindgen --target no-modules used to write`);
  process.exit(1);
}

writeFileSync(
  output,
  `function instantiate(module, { TextDecoder, TextEncoder }) {
// Finalizers would enter instances that broke down. An instance is garbage as a whole, with all it holds.
const FinalizationRegistry = undefined;
${glue}
wasm_bindgen.initSync({ module });
return wasm_bindgen;
}
`,
);
