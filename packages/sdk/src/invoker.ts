/** What the generated classes call: one method of the engine, by name. */
export interface Invoker {
  /** Runs a method of the contract and gives its result as parsed JSON, `undefined` where it has none. */
  invoke(name: string, parameters: Record<string, unknown>): Promise<unknown>;
}
