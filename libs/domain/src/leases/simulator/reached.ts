/** Rare things that a minute of the simulation must reach so many times, each. */
export const REACHED_AT_LEAST = 1_000;
export const REACHED = [
  'crash with open holds',
  'reclaim',
  'late settlement',
  'settlement elsewhere',
  'repeated ask',
  'recall',
  'window change with a lease out',
  'tier change with a lease out',
  'last-slice ask',
] as const;
/** Printed beside them. */
export const REACHED_TOO = [
  'ask ahead',
  'hold expired before its answer',
  'suspended with a lease in hand',
  'clock set with a lease in hand',
  'unknown append',
  'release',
  'settlement repeated with other content',
  'settlement above its hold',
  'crash of entitlement after its commit',
  'grant that no longer fits',
  'outage of the log',
  'kill switch',
  'rebuild',
] as const;
export type Reached = (typeof REACHED)[number] | (typeof REACHED_TOO)[number];

export type ReachedCounts = Record<Reached, number>;

export function nothingReached(): ReachedCounts {
  return Object.fromEntries([...REACHED, ...REACHED_TOO].map((what) => [what, 0])) as ReachedCounts;
}
