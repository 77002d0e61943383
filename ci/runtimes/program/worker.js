import { scenario } from "./scenario.js";

addEventListener("message", async ({ data: { inputs, wasm } }) => {
  try {
    postMessage(await scenario(inputs, wasm));
  } catch (error) {
    reportError(error);
  }
});
