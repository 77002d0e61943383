// The frames of the agent's socket, which docs/agent.md describes.

import type { Reply } from "./engine.js";
import { newError } from "./failure.js";

/** The longest header, in bytes. */
const MAX_HEADER = 64 << 10;

/** The longest frame, in bytes, without its first four. */
const MAX_FRAME = 65 << 20;

/** An answer: a reply, or the core's error as text. */
export interface Answer extends Reply {
  call: number;
  ok: boolean;
}

/** Returns the parts of a frame. */
export function encodeFrame(
  request: { call: number; kind: string },
  parts: Uint8Array[],
): Uint8Array[] {
  const lengths = parts.map((part) => part.byteLength);
  const header = Buffer.from(JSON.stringify({ ...request, lengths }));
  const total = lengths.reduce((sum, length) => sum + length, header.length);
  if (header.length > MAX_HEADER || total > MAX_FRAME)
    throw newError("FileTooBig", "bad input passed by the user: file is too big");
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  return [length, header, ...parts];
}

/** Reads the answers in what arrives. */
export class FrameReader {
  readonly #parts: Generator<number, never, Uint8Array>;
  readonly #chunks: Uint8Array[] = [];
  #length = 0;
  #needed: number;

  constructor(answer: (answer: Answer) => void) {
    this.#parts = readAnswers(answer);
    this.#needed = this.#parts.next().value;
  }

  /** Takes what has arrived. Throws if it is no frame. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= this.#needed) {
      this.#needed = this.#parts.next(this.#take(this.#needed)).value;
    }
  }

  #take(length: number): Uint8Array {
    const part = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      const first = this.#chunks[0] as Uint8Array;
      const fitting = first.subarray(0, length - filled);
      part.set(fitting, filled);
      filled += fitting.length;
      if (fitting.length === first.length) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(fitting.length);
    }
    this.#length -= length;
    return part;
  }
}

/** Yields the length of the next part of a frame, and is resumed with the part. */
function* readAnswers(answer: (answer: Answer) => void): Generator<number, never, Uint8Array> {
  for (;;) {
    const length = asBuffer(yield 4).readUInt32LE();
    if (length > MAX_HEADER) throw new Error("the header of an answer is too long");
    const { call, ok, lengths = [] } = JSON.parse(asBuffer(yield length).toString());
    const parts: Uint8Array[] = [];
    for (const length of lengths) parts.push(yield length);
    const [text, ...attachments] = parts;
    answer({ call, ok, text: text ? asBuffer(text).toString() : "", attachments });
  }
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
