// The same for a bundle of any form: an ES module or CommonJS, which has no await outside of functions.

import process from "node:process";
import { scenario } from "./scenario.js";

scenario(JSON.parse(process.env.INPUTS)).then((report) => console.log(JSON.stringify(report)));
