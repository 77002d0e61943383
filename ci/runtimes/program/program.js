// A program for Node, Deno and Bun: the inputs come by the environment, the report goes to standard output.

import process from "node:process";
import { scenario } from "./scenario.js";

console.log(JSON.stringify(await scenario(JSON.parse(process.env.INPUTS))));
