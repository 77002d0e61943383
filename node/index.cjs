"use strict";

// Fails if the package has no addon for the running platform. @opwire/sdk then uses WebAssembly.
module.exports = require(`./${require("./file.cjs")}`);
