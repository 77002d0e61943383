// scripts/build.mjs writes place.js, because ES modules and CommonJS name their file differently.

/** The file of this code, as a path or URL. In a bundle, it is the bundle, or undefined if the bundler hides it. */
export const place: string | undefined;

/** The path of core.wasm in the package. The ES module, which only bundlers use, contains core.wasm as text instead. */
export const packagedCore: string | undefined;
