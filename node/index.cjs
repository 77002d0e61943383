"use strict";

// Fails where the package has no addon for the running platform: @opwire/sdk then runs WebAssembly.
module.exports = require(`./${require("./file.cjs")}`);
