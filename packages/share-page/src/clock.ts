// The server's time. The clock of the recipient's machine may be wrong, and one-time passwords with it.

let offset = Date.now() - performance.now();
let measured = { date: Date.now(), steady: performance.now() };

/** Takes the server's time from a response that has just arrived. */
export function setClock(now: string): void {
  const time = Date.parse(now);
  if (Number.isNaN(time)) return;
  measured = { date: Date.now(), steady: performance.now() };
  offset = time - measured.steady;
}

/** The server's time, in milliseconds since the Unix epoch. */
export function serverNow(): number {
  return offset + performance.now();
}

/**
 * Whether the steady clock stood still, as it does in some browsers while the machine sleeps, or the machine's clock was
 * set. The time has to be taken from the server again.
 */
export function isClockStale(): boolean {
  const drift = Date.now() - measured.date - (performance.now() - measured.steady);
  return Math.abs(drift) > 2000;
}
