export { ItemBuilder } from "./builder.js";
export { Client, createClient, init } from "./client.js";
export {
  type CacheOptions,
  type ClientConfiguration,
  DesktopAuth,
  type DesktopOptions,
  type DesktopScope,
} from "./config.js";
export type { Fetch, FetchInit, FetchResponse, WasmSource } from "./engine.js";
export { loadEnvironment, type LoadEnvironmentOptions } from "./environment.js";
export { OpwireError, type OpwireErrorDetails } from "./errors.js";
export * from "./generated/constants.js";
export * from "./generated/errors.js";
export * from "./generated/methods.js";
export * from "./generated/types.js";
export type { CallOptions } from "./session.js";
export { VERSION } from "./version.js";

/** The integration name of a program that has no name. */
export const DEFAULT_INTEGRATION_NAME = "Unknown";
/** The integration version of a program that has no version. */
export const DEFAULT_INTEGRATION_VERSION = "Unknown";
