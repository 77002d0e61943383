"use strict";

// The name of the addon for the running platform.
const { platform, arch } = process;
const isMusl = () => process.report.getReport().header.glibcVersionRuntime === undefined;
const libc = platform !== "linux" ? "" : isMusl() ? "-musl" : "-gnu";

module.exports = `opwire.${platform}-${arch}${libc}.node`;
