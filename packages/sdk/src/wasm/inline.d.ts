// scripts/build.mjs writes inline.js.

/** core.wasm as base64 in the ES module for Node, which only bundlers take; elsewhere the file is at hand. */
export const inline: string | undefined;
