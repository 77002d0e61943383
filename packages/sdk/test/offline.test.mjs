// Methods without a client, and configurations that fail before anything is sent, against what the public SDK answered.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  createClient,
  DEFAULT_INTEGRATION_NAME,
  DEFAULT_INTEGRATION_VERSION,
  OpwireError,
  ParsingSecretReferenceError,
  Secrets,
  VERSION,
} from "@opwire/sdk";
import { readFileSync } from "node:fs";
import { recordedMessage, vectors } from "./support/vectors.mjs";

describe("validateSecretReference", () => {
  for (const { input: recorded, ok, error } of vectors("references.json")) {
    const input = recorded === "<undefined>" ? undefined : recorded;
    it(`${ok ? "accepts" : "refuses"} ${JSON.stringify(input)}`, () => {
      if (ok) return assert.equal(Secrets.validateSecretReference(input), undefined);
      assert.throws(
        () => Secrets.validateSecretReference(input),
        (thrown) => {
          assert.ok(thrown instanceof OpwireError);
          const parsed = error.startsWith('{"name":"ParsingSecretReference"');
          assert.equal(thrown instanceof ParsingSecretReferenceError, parsed);
          assert.ok(thrown.message.startsWith(recordedMessage(error)), thrown.message);
          return true;
        },
      );
    });
  }
});

describe("generatePassword", () => {
  for (const { input, ok, value, error } of vectors("passwords.json")) {
    if (ok && JSON.stringify(input).includes('"extra"')) {
      // The public SDK passes over what it does not know.
      it(`refuses the member extra of ${JSON.stringify(input)}`, () => {
        assert.throws(() => Secrets.generatePassword(input), {
          name: "InvalidInvocationError",
          message: /extra/,
        });
      });
      continue;
    }
    it(`${ok ? "follows" : "refuses"} ${JSON.stringify(input)}`, () => {
      if (!ok) {
        return assert.throws(
          () => Secrets.generatePassword(input),
          (thrown) => {
            assert.ok(thrown instanceof OpwireError);
            assert.ok(thrown.message.startsWith(recordedMessage(error)), thrown.message);
            return true;
          },
        );
      }
      const result = Secrets.generatePassword(input);
      assert.deepEqual(Object.keys(result), value.stats.resultKeys);
      const { minLength, maxLength } = value.stats;
      if (minLength === maxLength) assert.equal([...result.password].length, minLength);
      if (value.stats.distinct === value.stats.samples) {
        assert.notEqual(Secrets.generatePassword(input).password, result.password);
      }
    });
  }
});

// The file has the content of the tokens, but only the head of their text, so the texts that are malformed are elsewhere.
const MALFORMED_TEXT = /^(valid|double prefix|truncated|token with)/;

const tokenOf = (payload) => `ops_${Buffer.from(JSON.stringify(payload)).toString("base64url")}`;

describe("createClient", () => {
  const recorded = vectors("tokens.json").filter(
    ({ label, input, ok, error }) =>
      !ok &&
      input.auth !== undefined &&
      !error.startsWith("authentication error") &&
      // It names a way of signing in that opwire does not have.
      !error.includes("oidcFetcher") &&
      !MALFORMED_TEXT.test(label),
  );
  const accepted = vectors("tokens.json").find(({ label }) => label === "missing throttleSecret");
  const valid = tokenOf(accepted.input.payload);
  for (const { label, input, error } of recorded) {
    it(`refuses: ${label}`, async () => {
      const { payload, ...config } = input;
      if (config.auth === "<valid>") config.auth = valid;
      else if (payload !== undefined && config.auth.startsWith("ops_"))
        config.auth = tokenOf(payload);
      await assert.rejects(createClient(config), (thrown) => {
        assert.ok(thrown instanceof OpwireError);
        assert.ok(thrown.message.startsWith(recordedMessage(error)), thrown.message);
        assert.ok(thrown.field);
        return true;
      });
    });
  }

  it("asks for the token where there is none, and for nothing that it does not know", async () => {
    for (const auth of ["", undefined, null, 1]) {
      const config = { auth, integrationName: "a", integrationVersion: "b" };
      const message = "createClient requires `auth` (service account token or DesktopAuth).";
      await assert.rejects(createClient(config), { code: "InvalidConfiguration", message });
    }
  });
});

it("exports the defaults, and the version of the package", () => {
  assert.equal(DEFAULT_INTEGRATION_NAME, "Unknown");
  assert.equal(DEFAULT_INTEGRATION_VERSION, "Unknown");
  const manifest = new URL("../package.json", import.meta.url);
  assert.equal(VERSION, JSON.parse(readFileSync(manifest, "utf8")).version);
});
