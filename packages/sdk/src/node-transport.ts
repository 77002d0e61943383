import type { Agent, IncomingMessage, request } from "node:http";
import { MAX_RESPONSE_BYTES } from "./generated/constants.js";
import { joined, type Response, TOO_LARGE, type Transport } from "./wasm/transport.js";

/** Servers rarely close idle connections before 5 seconds, so connections are closed here first. */
const IDLE_MS = 4_000;

/** More requests wait for a connection. Hundreds opened at once overflow a server's queue and are delayed a second. */
const MAX_CONNECTIONS = 100;

interface Protocol {
  Agent: typeof Agent;
  request: typeof request;
}

interface Connections {
  protocol: Protocol;
  agent: Agent;
}

const byProtocol = new Map<string, Connections>();

/**
 * Sends requests with `node:http` and `node:https`, which load faster than Node's `fetch` and take less time and memory
 * for each request. docs/decisions/0030 has the figures.
 */
export const byNode: Transport = {
  library: "node:http",
  version: process.versions.node,
  proxy: "",
  send: async ({ url, method, headers, body, signal }) => {
    const { protocol, agent } = await connections(new URL(url).protocol);
    return new Promise((resolve, reject) => {
      const length = body && { "content-length": body.length };
      const options = { method, headers: { ...headers, ...length }, agent, signal };
      const outgoing = protocol.request(url, options, (incoming) => {
        read(incoming).then(resolve, reject);
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  },
};

async function connections(name: string): Promise<Connections> {
  const known = byProtocol.get(name);
  if (known) return known;
  // They are loaded on demand because loading TLS takes some milliseconds.
  const protocol: Protocol = await (name === "https:" ? import("node:https") : import("node:http"));
  const made = {
    protocol,
    agent: new protocol.Agent({ keepAlive: true, timeout: IDLE_MS, maxSockets: MAX_CONNECTIONS }),
  };
  // Another request may have made them during the import.
  if (!byProtocol.has(name)) byProtocol.set(name, made);
  return byProtocol.get(name) ?? made;
}

function read(incoming: IncomingMessage): Promise<Response> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const announced = Number(incoming.headers["content-length"]);
    if (announced > MAX_RESPONSE_BYTES) incoming.destroy(TOO_LARGE);
    incoming.on("data", (chunk: Uint8Array) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_RESPONSE_BYTES) incoming.destroy(TOO_LARGE);
    });
    incoming.on("error", reject);
    incoming.on("end", () => {
      const headers = incoming.rawHeaders.map((text, at) => (at % 2 ? text : text.toLowerCase()));
      resolve({ status: incoming.statusCode ?? 0, headers, body: joined(chunks, length) });
    });
  });
}
