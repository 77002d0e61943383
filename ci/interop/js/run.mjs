// Makes the calls of a file by the named package, and writes what each gave: run.mjs PACKAGE CALLS RESULTS.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const [packageName, callsFile, resultsFile] = process.argv.slice(2);
const { createClient, DesktopAuth, Secrets } = createRequire(import.meta.url)(packageName);
const { token, control, calls } = JSON.parse(readFileSync(callsFile, "utf8"));
const auth = process.env.OPWIRE_TEST_AUTH === "agent" ? new DesktopAuth("Acme") : token;

let client = await signIn(auth, "Interop", "v1.0.0");
const [results, returned] = [{}, {}];
for (const { name, method, arguments: values, faults, fresh } of calls) {
  if (fresh) client = await signIn(auth, "Interop", "v1.0.0");
  await takeRequests();
  if (faults) await inject(faults);
  const began = seconds();
  try {
    returned[name] = await run(method, values.map(fromResult));
    results[name] = { value: describe(returned[name]) };
  } catch (error) {
    results[name] = describeError(error);
  }
  results[name].seconds = [began, seconds()];
  if (faults) await inject([]);
  results[name].requests = await takeRequests();
}
writeFileSync(resultsFile, JSON.stringify(results));

// Of the clock, since 1970.
function seconds() {
  return Math.floor(Date.now() / 1000);
}

// The requests since the last time, as the proxy saw them.
async function takeRequests() {
  if (!control) return [];
  return (await fetch(`${control}/requests`, { method: "DELETE" })).json();
}

// What the proxy does to requests from now on.
async function inject(faults) {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify(faults);
  const { ok } = await fetch(`${control}/faults`, { method: "PUT", headers, body });
  if (!ok) throw new Error(`the proxy refuses ${body}`);
}

// An argument as it is, or a part of what an earlier call returned, and what to change in it.
function fromResult(value) {
  if (Array.isArray(value)) return value.map(fromResult);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (!value.$result)
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        name,
        name === "content" && Array.isArray(each) ? Uint8Array.from(each) : fromResult(each),
      ]),
    );
  const part = value.path.reduce((whole, step) => whole[step], returned[value.$result]);
  if (!value.set) return part;
  const { field, ...members } = value.set;
  // Of a policy for sharing: `files.allowed` is a member of `files`.
  for (const [name, member] of Object.entries(members).filter(([name]) => name.includes("."))) {
    const [outer, inner] = name.split(".");
    members[outer] = { ...part[outer], [inner]: member };
    delete members[name];
  }
  if (!part.fields) return { ...part, ...members };
  const fields = part.fields.map((each, at) =>
    at === field?.[0] ? { ...each, value: field[1] } : each,
  );
  return { ...part, fields, ...members };
}

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
    case "files":
      return contents(await client.items.get(...values));
    case "unmatched methods": {
      const [called, all] = [values[0], [...methods(client), ...methods(Secrets, "secrets.")]];
      return [...called, ...all].filter((name) => !(called.includes(name) && all.includes(name)));
    }
    default: {
      const path = method.split(".");
      const name = path.pop();
      return path.reduce((api, group) => api[group], client)[name](...values);
    }
  }
}

// Names and bytes of an item's files. The official client gives a list for an empty one.
async function contents(item) {
  const files = [item.document, ...item.files.map((file) => file.attributes)].filter(Boolean);
  const read = async (file) => {
    const bytes = Array.from(await client.items.files.read(item.vaultId, item.id, file));
    return { name: file.name, size: file.size, bytes };
  };
  return Promise.all(files.map(read));
}

// The methods of a client or of a part of it, with their paths.
function methods(api, path = "") {
  const prototype = typeof api === "function" ? api : Object.getPrototypeOf(api);
  const own = Object.getOwnPropertyNames(prototype).filter(
    (name) => name !== "constructor" && typeof prototype[name] === "function",
  );
  const inner = Object.entries(api).filter(([, part]) => typeof part === "object");
  return [
    ...own.map((name) => path + name),
    ...inner.flatMap(([name, part]) => methods(part, `${path}${name}.`)),
  ];
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
