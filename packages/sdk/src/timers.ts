/** Limits a delay to 31 bits. Timers with a longer delay fire immediately. */
export function clampDelay(milliseconds: number): number {
  return Math.min(milliseconds, 0x7fff_ffff);
}
