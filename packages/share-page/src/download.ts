// Fetching and opening a file. A file is one ciphertext: no byte of it is used before all of it has arrived and is known
// to be what the sender stored.

import { Refused, type Ticket, Unreachable, fetchFile } from "./api.js";
import { type Bytes, fromBase64url, sameBytes } from "./bytes.js";
import type { SharedFile } from "./item.js";
import { openingKey } from "./keys.js";

/** Waits between tries of a download that does not advance. */
const WAITS_MS = [500, 1000, 2000, 4000];

/** The ciphertext is not what the sender stored, or the item lacks its key. */
export class Damaged extends Error {}

/** A download, which goes on where it stopped. */
export class Download {
  private chunks: Bytes[] = [];
  private received = 0;

  constructor(
    private readonly share: Ticket,
    private readonly file: SharedFile,
  ) {}

  /** Returns the content. Fails with `Unreachable` if the connection is lost again and again; may be called again. */
  async content(progress: (received: number) => void, signal: AbortSignal): Promise<ArrayBuffer> {
    for (let tries = 0; ;) {
      const before = this.received;
      try {
        await this.fetchRest(progress, signal);
        break;
      } catch (error) {
        if (signal.aborted || error instanceof Refused || error instanceof Damaged) throw error;
        tries = this.received > before ? 0 : tries + 1;
        const wait = WAITS_MS[tries];
        if (wait === undefined) throw new Unreachable();
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
    return this.opened();
  }

  private async fetchRest(
    progress: (received: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const response = await fetchFile(this.share, this.file.id, this.received, signal);
    if (!this.continues(response)) this.restart();
    const reader = response.body?.getReader();
    if (reader === undefined) throw new Unreachable();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      this.chunks.push(value);
      this.received += value.length;
      if (this.received > this.file.encryptedSize) throw this.damaged();
      progress(this.received);
    }
    if (this.received < this.file.encryptedSize) throw new Unreachable();
  }

  private continues(response: Response): boolean {
    const start = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
    return response.status === 206 && Number(start) === this.received;
  }

  private async opened(): Promise<ArrayBuffer> {
    const ciphertext = await new Blob(this.chunks).arrayBuffer();
    const { key, nonce, hash } = this.file;
    try {
      const found = new Uint8Array(await crypto.subtle.digest("SHA-256", ciphertext));
      if (!sameBytes(found, fromBase64url(hash))) throw this.damaged();
      const how = { name: "AES-GCM", iv: fromBase64url(nonce) };
      return await crypto.subtle.decrypt(how, await openingKey(fromBase64url(key)), ciphertext);
    } catch {
      throw this.damaged();
    }
  }

  private damaged(): Damaged {
    this.restart();
    return new Damaged();
  }

  private restart(): void {
    this.chunks = [];
    this.received = 0;
  }
}

/** The type of a raster image that browsers show safely, by its first bytes. */
export function imageType(content: ArrayBuffer): string | undefined {
  const start = String.fromCharCode(...new Uint8Array(content.slice(0, 12)));
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (start.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (/^GIF8[79]a/.test(start)) return "image/gif";
  if (/^RIFF....WEBP/s.test(start)) return "image/webp";
  return undefined;
}
