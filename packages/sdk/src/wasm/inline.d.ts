// scripts/build.mjs writes inline.js.

/** core.wasm as base64 in the ES module for Node, which only bundlers use. Elsewhere it is undefined. */
export const inline: string | undefined;
