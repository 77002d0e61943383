// scripts/build.mjs writes place.js: ES modules and CommonJS have other names for it.

/** The file that holds this code, as a path or URL; of a bundle the bundle, where the bundler tells. */
export const place: string | undefined;

/** Where the package has core.wasm; the ES module, which only bundlers take, has it as text. */
export const packagedCore: string | undefined;
