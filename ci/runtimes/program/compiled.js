// The same, for `bun build --compile`, which puts the module's file into the executable.

import process from "node:process";
import wasm from "@opwire/sdk/core.wasm" with { type: "file" };
import { scenario } from "./scenario.js";

const bytes = await Bun.file(wasm).arrayBuffer();
console.log(JSON.stringify(await scenario(JSON.parse(process.env.INPUTS), bytes)));
