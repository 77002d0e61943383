import { VARIABLE_NAME_PATTERN } from "./generated/constants.js";
import { InvalidConfigurationError } from "./generated/errors.js";
import type { EnvironmentsApi } from "./generated/methods.js";

/** The options of {@link loadEnvironment}. */
export interface LoadEnvironmentOptions {
  /** Whether to replace variables that are already set; they are kept by default. */
  override?: boolean | undefined;
  /** Where to put the variables; `process.env` by default. */
  target?: Record<string, string | undefined> | undefined;
}

/**
 * Sets the variables of an Environment in the environment of this process. If several variables have the same name, the
 * last one counts. If the Environment cannot be read, none is set. Added by opwire.
 *
 * @returns The names of the variables that were set.
 */
export async function loadEnvironment(
  client: { environments: EnvironmentsApi },
  environmentId: string,
  options: LoadEnvironmentOptions = {},
): Promise<string[]> {
  const target = options.target ?? processEnvironment();
  const { variables } = await client.environments.getVariables(environmentId);
  const wrong = variables.find(({ name }) => !new RegExp(VARIABLE_NAME_PATTERN).test(name));
  if (wrong) {
    throw new InvalidConfigurationError(
      `the Environment ${environmentId} has a variable named ${JSON.stringify(wrong.name)}, which is not a ` +
        "valid name: names have letters, digits and _, and do not start with a digit",
    );
  }
  const values = new Map(variables.map(({ name, value }) => [name, value]));
  const set = [...values].filter(([name]) => options.override || target[name] === undefined);
  for (const [name, value] of set) target[name] = value;
  return set.map(([name]) => name);
}

function processEnvironment(): Record<string, string | undefined> {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  if (!process?.env) throw new TypeError("this runtime has no process.env: pass a target");
  return process.env;
}
