// Somebody's package, which knows the public SDK only.

const sdk = require("@1password/sdk");

exports.read = async () => {
  const client = await sdk.createClient({
    auth: process.env.OP_SERVICE_ACCOUNT_TOKEN,
    integrationName: "Reader",
    integrationVersion: "v1.0.0",
  });
  return client.secrets.resolve("op://Development/Example/password");
};
