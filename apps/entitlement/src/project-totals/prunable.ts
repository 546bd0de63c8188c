import { prunableBefore } from '@tallyward/domain';
import type { PartitionProgress } from '../storage/totals/progress';

/**
 * Keys of events with a time before this may go. `ends` are the log's ends, asked for **after**
 * `progress` was read.
 *
 * The rule is the smallest append time reached in any partition (PROTOCOL 19). A partition that is
 * folded to its end counts as having reached what the furthest one has: every entry it held when
 * its end was asked for is folded, so whatever it gets is appended after that, when the log's clock
 * had already shown the furthest append time. So a partition that never gets an entry holds nothing
 * up, and still no wall clock is asked. Brokers' clocks may differ, and step back, by up to a day:
 * that much lies between the end of an event's vouching (36 days) and its pruning (37).
 */
export function prunableTime(
  progress: readonly PartitionProgress[],
  ends: ReadonlyMap<number, bigint>,
): number {
  const none = Number.NEGATIVE_INFINITY;
  const furthest = Math.max(none, ...progress.map(({ reached }) => reached ?? none));
  const reached = progress.map(({ partition, next, reached: own }) => {
    const end = ends.get(partition);
    return end !== undefined && next >= end ? furthest : (own ?? none);
  });
  return prunableBefore(reached);
}
