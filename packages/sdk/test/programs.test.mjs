// Whole programs, as a newcomer writes them, by CommonJS and as ES module.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { runProgram } from "./support/run.mjs";
import { startServer } from "./support/server.mjs";

const server = await startServer();

for (const name of ["first.cjs", "first.mjs"]) {
  const file = join(import.meta.dirname, "programs", name);

  describe(name, () => {
    it("prints the titles of the vaults and ends", async () => {
      const { status, stdout, stderr } = await runProgram(file, server);
      assert.equal(stderr, "");
      assert.match(stdout, /^Development$/m);
      assert.equal(status, 0);
    });

    it("says what is wrong with the token, and exits with 1", async () => {
      const { status, stderr } = await runProgram(file, { OP_SERVICE_ACCOUNT_TOKEN: "ops_e30" });
      assert.match(stderr, /^InvalidServiceAccountTokenError: invalid service account token/);
      assert.equal(status, 1);
    });
  });
}
