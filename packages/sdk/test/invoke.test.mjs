// The invoke surface of both engines, against what the public SDK answered to the same texts.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, it } from "node:test";
import { readFileSync } from "node:fs";
import { OpwireError } from "@opwire/sdk";
import { recordedMessage, vectors } from "./support/vectors.mjs";

const require = createRequire(import.meta.url);
const { loadAddon, NativeEngine } = require("../dist/cjs/native.js");
const { byNode } = require("../dist/cjs/node-transport.js");
const { WasmEngine } = require("../dist/cjs/wasm/engine.js");

// Methods of later versions, and calls on the recorded client.
const ELSEWHERE = [
  "VaultsGet",
  "VaultsDelete",
  "GroupsGet",
  '"clientId":0,"parameters":{"name":"Secrets',
];

function isTestedHere({ fn, ok, error, input }) {
  // Methods that wait for the network crash the public SDK's synchronous call; opwire names the remedy.
  const waits = fn === "invoke_sync" && (error === "unreachable" || error?.includes("client id"));
  return !ok && !waits && !ELSEWHERE.some((text) => input.includes(text));
}

function newEngine() {
  if (process.env.OPWIRE_ENGINE === "native") return new NativeEngine(loadAddon());
  return new WasmEngine(
    new WebAssembly.Module(readFileSync(require.resolve("@opwire/sdk/core.wasm"))),
    byNode,
  );
}

const calls = {
  invoke: (engine, input) => engine.invoke(input, []),
  invoke_sync: async (engine, input) => engine.invokeSync(input),
  release_client: async (engine, input) => engine.releaseClient(input),
};

describe("a malformed text fails as recorded", () => {
  const engine = newEngine();
  const cases = vectors("invoke.json").filter(isTestedHere);
  for (const { fn, input, error } of cases) {
    const onRecordedClient = input.includes('"clientId":0') && error.includes("invalid client id");
    it(`${fn} ${input}${onRecordedClient ? " after its release" : ""}`, async () => {
      await assert.rejects(calls[fn](engine, input), (thrown) => {
        assert.ok(thrown instanceof OpwireError);
        assert.ok(thrown.message.startsWith(recordedMessage(error)), thrown.message);
        return true;
      });
      assert.equal(engine.broken, false);
    });
  }
});

it("methods without a client need none", async () => {
  const engine = newEngine();
  const invocation = (name, parameters) =>
    JSON.stringify({ invocation: { parameters: { name, parameters } } });
  const valid = invocation("ValidateSecretReference", { secret_reference: "op://a/b/c" });
  assert.equal(engine.invokeSync(valid), "");
  assert.equal((await engine.invoke(valid, [])).text, "");
  const pin = invocation("GeneratePassword", {
    recipe: { type: "Pin", parameters: { length: 6 } },
  });
  assert.match(JSON.parse((await engine.invoke(pin, [])).text).password, /^\d{6}$/);
});
