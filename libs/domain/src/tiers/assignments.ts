/** A tier version that a customer was given, from an instant on (epoch ms). */
export interface Assignment {
  readonly name: string;
  readonly version: number;
  readonly from: number;
}

/**
 * What assignments come to, given in the order they were made: a later one takes the place of all
 * that were to begin at its start or after. In the order of their starts.
 */
export function tierTimeline<T extends Assignment>(made: readonly T[]): T[] {
  const timeline: T[] = [];
  for (const assignment of made) {
    while ((timeline.at(-1)?.from ?? -Infinity) >= assignment.from) timeline.pop();
    timeline.push(assignment);
  }
  return timeline;
}

/** What holds at an instant: the last that has begun; before them all, the first. */
export function tierAt<T extends Assignment>(timeline: readonly T[], instant: number): T {
  const found = timeline.findLast(({ from }) => from <= instant) ?? timeline[0];
  if (!found) throw new Error('A customer has had a tier since it was first seen');
  return found;
}
