// Makes the calls of a file by the named package, and writes what each gave: run.mjs PACKAGE CALLS RESULTS.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const [packageName, callsFile, resultsFile] = process.argv.slice(2);
const { createClient, Secrets } = createRequire(import.meta.url)(packageName);
const { token, calls } = JSON.parse(readFileSync(callsFile, "utf8"));

const client = await signIn(token, "Interop", "v1.0.0");
const results = {};
for (const { name, method, arguments: values } of calls) {
  try {
    results[name] = { value: describe(await run(method, values)) };
  } catch (error) {
    results[name] = describeError(error);
  }
}
writeFileSync(resultsFile, JSON.stringify(results));

function signIn(auth, integrationName, integrationVersion) {
  return createClient({ auth, integrationName, integrationVersion });
}

async function run(method, values) {
  switch (method) {
    case "authenticate":
      await signIn(...values);
      return undefined;
    case "secrets.validateSecretReference":
      return Secrets.validateSecretReference(...values);
    case "secrets.generatePassword": {
      const { password, ...others } = Secrets.generatePassword(...values);
      return { ...others, passwordLength: password.length };
    }
    default: {
      const [api, name] = method.split(".");
      return client[api][name](...values);
    }
  }
}

// A value with what JSON would lose: times, absent values, and classes.
function describe(value) {
  if (value === undefined) return { $absent: true };
  if (value instanceof Date) return { $time: value.toISOString() };
  if (Array.isArray(value)) return value.map(describe);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, describe(member)]);
  const { name } = value.constructor;
  return { ...(name !== "Object" && { $class: name }), ...Object.fromEntries(members) };
}

// Where the official client throws a text, it is the JSON of its error.
function describeError(error) {
  const { message } = typeof error === "string" ? JSON.parse(error) : error;
  return { error: message, ...(typeof error === "string" && { thrown: "text" }) };
}
