import type { LimitState } from '@tallyward/contracts';
import type { Unit } from '@tallyward/domain';
import type { UsageRow, UsageWanted } from '../../api/usage';
import { fullNumber } from '../../ui/figures';
import { tick } from '../../ui/instants';
import { startOfDay } from '../../ui/steps-of-zone';
import { UNIT_WORDS } from '../../ui/unit-words';
import { byFullness } from './by-fullness';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 7;

/** Today and the six days before it, as the zone has them, whole: the same all day long. */
export function weekOf(now: number, timeZone: string): UsageWanted {
  const today = startOfDay(now, timeZone);
  // From noon, so that a day of 23 or 25 hours leads to no other one.
  const first = startOfDay(today + DAY_MS / 2 - (DAYS - 1) * DAY_MS, timeZone);
  const end = startOfDay(today + DAY_MS + DAY_MS / 2, timeZone);
  const iso = (at: number): string => new Date(at).toISOString();
  return { from: iso(first), to: iso(end), window: 'day', timeZone };
}

/** What a customer's week is drawn in: the unit of its fullest limit. */
export const unitOf = (limits: readonly LimitState[] | undefined): Unit =>
  byFullness(limits ?? [])[0]?.unit ?? 'calls';

/** Each day's sum of a customer's; who used nothing has no rows. */
export function sumsOf(rows: readonly UsageRow[], customer: string, unit: Unit): number[] {
  const own = rows.filter((row) => row['customer'] === customer);
  return own.length > 0 ? own.map((row) => row[unit]) : Array<number>(DAYS).fill(0);
}

/** The picture in words. */
export function weekWords(sums: readonly number[], unit: Unit, week: UsageWanted): string {
  const day = (at: string): string => tick(at, week.timeZone ?? 'UTC', DAY_MS);
  const what = `${UNIT_WORDS[unit]} a day since ${day(week.from)}`;
  if (sums.every((sum) => sum === 0)) return `No ${what}`;
  return `${what}: ${sums.map(fullNumber).join(', ')} so far today`;
}

const [WIDTH, HEIGHT, EDGE] = [96, 24, 2] as const;
export const VIEW = `0 0 ${WIDTH} ${HEIGHT}`;

/** A line through the sums, from the left to the right, the largest at the top. */
export function lineOf(sums: readonly number[]): string {
  const most = Math.max(...sums, 1);
  const across = (WIDTH - 2 * EDGE) / Math.max(1, sums.length - 1);
  const up = (HEIGHT - 2 * EDGE) / most;
  return sums
    .map((sum, at) => `${round(EDGE + at * across)},${round(HEIGHT - EDGE - sum * up)}`)
    .join(' ');
}

const round = (value: number): number => Math.round(value * 10) / 10;
