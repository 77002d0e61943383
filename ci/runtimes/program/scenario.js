// What every runtime runs: signing in, reading, and each way to fail. Gives a report that the tests look at.

import {
  AuthError,
  createClient,
  init,
  NetworkError,
  ResolvingSecretReferenceError,
  Secrets,
} from "@opwire/sdk";

/** `inputs` has tokens of servers of all kinds; `wasm` is the module, where the runtime does not find it by itself. */
export async function scenario(inputs, wasm) {
  const configuration = (auth) => ({
    auth,
    integrationName: "Runtimes",
    integrationVersion: "v1.0.0",
    ...(wasm && { wasm }),
  });
  const signIn = (auth) => createClient(configuration(auth));

  await init(wasm);
  const recipe = { type: "Pin", parameters: { length: 6 } };
  const { password: pin } = Secrets.generatePassword(recipe);

  const client = await signIn(inputs.valid);
  const [vaults, secret, missing] = await Promise.all([
    client.vaults.list(),
    client.secrets.resolve("op://Development/Example/password"),
    failure(
      client.secrets.resolve("op://Development/Nowhere/password"),
      ResolvingSecretReferenceError,
    ),
  ]);
  client.close();

  const controller = new AbortController();
  fetch(inputs.silentReached).then(() => controller.abort());
  const { signal } = controller;
  return {
    pin,
    vaults: vaults.map(({ title }) => title),
    secret,
    missing,
    aborted: await failure(createClient({ ...configuration(inputs.silent), signal }), Error),
    refused: await failure(signIn(inputs.wrong), AuthError),
    unreachable: await failure(signIn(inputs.unreachable), NetworkError),
    // Only browsers heed which pages a server allows.
    forbidden: inputs.forbidden && (await failure(signIn(inputs.forbidden), NetworkError)),
    nodeGlobals: ["process", "Buffer", "require", "global"].filter((name) => name in globalThis),
  };
}

async function failure(promise, Kind) {
  try {
    await promise;
  } catch (error) {
    return { name: error.name, isKind: error instanceof Kind, message: error.message };
  }
  return { name: "none" };
}
