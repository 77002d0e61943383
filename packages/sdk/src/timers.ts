/** Timers take 31 bits, and fire at once above. */
export function clampDelay(milliseconds: number): number {
  return Math.min(milliseconds, 0x7fff_ffff);
}
