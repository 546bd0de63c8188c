import { createHash } from 'node:crypto';

const HOUR_MS = 3_600_000;
const RUN_CHARS = 16;

/** Whole hours to add so that `lastTime` lies in the last hour that has ended by `end`. */
export function shiftHours(lastTime: number, end: number): number {
  const lastFullHour = Math.floor(end / HOUR_MS) - 1;
  return lastFullHour - Math.floor(lastTime / HOUR_MS);
}

export const shifted = (time: number, hours: number): number => time + hours * HOUR_MS;

/** The same file shifted as far is the same run: its events have the same ids and count once. */
export function runOf(fileHash: string, hours: number): string {
  return createHash('sha256').update(`${fileHash}:${hours}`).digest('hex').slice(0, RUN_CHARS);
}
