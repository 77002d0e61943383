/** What the generated classes call: one method of the engine, by name. */
export interface Invoker {
  /** Runs a method of the contract and gives its result as parsed JSON, `undefined` where it has none. */
  invoke(
    name: string,
    parameters: Record<string, unknown>,
    attachments?: Attachments,
  ): Promise<unknown>;

  /** Runs a method whose result is bytes. */
  invokeForBytes(
    name: string,
    parameters: Record<string, unknown>,
    attachments?: Attachments,
  ): Promise<Uint8Array>;
}

/** The bytes of one call, which cross into the engine beside the JSON that refers to them. */
export class Attachments {
  readonly list: Uint8Array[] = [];

  /** Attaches bytes and gives what stands for them in JSON. What is no bytes is left for the engine to judge. */
  add(bytes: Uint8Array): Uint8Array {
    const view = asView(bytes);
    if (view === undefined) return bytes;
    this.list.push(view);
    return { attachment: this.list.length - 1 } as unknown as Uint8Array;
  }
}

/** Lists of values that hold bytes; what is no list is left for the engine to judge. */
export function eachOf<T>(list: T[], encode: (entry: T) => T): T[] {
  return Array.isArray(list) ? list.map(encode) : list;
}

function asView(value: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  // By tag, for what comes from another realm is no instance of this one's classes.
  const isBuffer = Object.prototype.toString.call(value) === "[object ArrayBuffer]";
  return isBuffer ? new Uint8Array(value as ArrayBuffer) : undefined;
}
