/** Runs methods of the engine by name, for the generated classes. */
export interface Invoker {
  /** Runs a method of the contract and returns its result as parsed JSON, or `undefined` if it has none. */
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

/** The bytes of one call. They are passed to the engine beside the JSON that refers to them (docs/decisions/0025). */
export class Attachments {
  readonly list: Uint8Array[] = [];

  /** Attaches bytes and returns their reference for the JSON. Other values are returned for the engine to refuse. */
  add(bytes: Uint8Array): Uint8Array {
    const view = asView(bytes);
    if (view === undefined) return bytes;
    this.list.push(view);
    return { attachment: this.list.length - 1 } as unknown as Uint8Array;
  }
}

/** Encodes each value of a list. Other values are returned for the engine to refuse. */
export function eachOf<T>(list: T[], encode: (entry: T) => T): T[] {
  return Array.isArray(list) ? list.map(encode) : list;
}

function asView(value: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  // `instanceof` would not recognise a buffer from another realm.
  const isBuffer = Object.prototype.toString.call(value) === "[object ArrayBuffer]";
  return isBuffer ? new Uint8Array(value as ArrayBuffer) : undefined;
}
