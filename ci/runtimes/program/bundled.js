// The same, for a bundler that puts the module's bytes into the bundle.

import process from "node:process";
import wasm from "@opwire/sdk/core.wasm";
import { scenario } from "./scenario.js";

scenario(JSON.parse(process.env.INPUTS), wasm).then((report) =>
  console.log(JSON.stringify(report)),
);
