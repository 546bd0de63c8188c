import type { UsageRow } from '../../api/usage';

export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
export const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** Sums by weekday (Monday first) and hour of the day, as the zone's clocks show them. */
export function weekHours(
  report: readonly UsageRow[],
  unit: 'calls' | 'tokens',
  timeZone: string,
): number[][] {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, weekday: 'short', hour: '2-digit', hourCycle: 'h23' },
  });
  const sums = WEEKDAYS.map(() => HOURS.map(() => 0));
  for (const row of report) {
    const parts = format.formatToParts(Date.parse(row.from));
    const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
    const day = sums[WEEKDAYS.findIndex((name) => name === part('weekday'))];
    const hour = Number(part('hour'));
    if (day) day[hour] = (day[hour] ?? 0) + row[unit];
  }
  return sums;
}

export interface Busiest {
  readonly day: string;
  readonly hour: number;
  readonly sum: number;
}

/** The hour of the week in which most was used; undefined: nothing was. */
export function busiest(sums: readonly (readonly number[])[]): Busiest | undefined {
  const all = sums.flatMap((hours, at) =>
    hours.map((sum, hour) => ({ day: WEEKDAYS[at] ?? '', hour, sum })),
  );
  const most = all.reduce((best, one) => (one.sum > best.sum ? one : best));
  return most.sum > 0 ? most : undefined;
}
