// Lets the tests run the scenario in the page and in a module worker of the page.

import { scenario } from "./scenario.js";

/** `wasm` is the module, where the bundler does not let the package find it. */
export function serveTests(wasm) {
  globalThis.runInPage = (inputs) => scenario(inputs, wasm);
  globalThis.runInWorker = (inputs) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
      worker.addEventListener("message", ({ data }) => resolve(data));
      worker.addEventListener("error", ({ message }) => reject(new Error(`worker: ${message}`)));
      worker.postMessage({ inputs, wasm });
    });
}
