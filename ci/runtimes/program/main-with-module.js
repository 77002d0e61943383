// For bundlers that do not find files by `new URL(..., import.meta.url)`: the address, or the bytes themselves.

import wasm from "@opwire/sdk/core.wasm";
import { serveTests } from "./page.js";

serveTests(typeof wasm === "string" ? new URL(wasm, import.meta.url).href : wasm);
