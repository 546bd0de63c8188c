import { TOPICS } from '@tallyward/contracts';
import type { AppendOutcome } from '@tallyward/platform';
import { snapshotKey } from '../storage/catalog/snapshot-keys';
import type { OutboxHead } from '../storage/outbox/relay-session';

/** One entry to publish, and the older ones that need not be, because it says all they said. */
export interface Publication {
  readonly head: OutboxHead;
  readonly superseded: readonly number[];
}

/**
 * What to publish of the oldest queued entries, in their order, up to `maxBytes` (but at least
 * one). A project's snapshot says all that its earlier ones said: of those together in a batch,
 * only the last is published, in its own place.
 */
export function planPublications(heads: readonly OutboxHead[], maxBytes: number): Publication[] {
  const last = new Map<string, number>();
  for (const head of heads) if (isProject(head)) last.set(head.key, head.id);
  const superseded = new Map<string, number[]>();
  const planned: Publication[] = [];
  let bytes = 0;
  for (const head of heads) {
    if (isProject(head) && last.get(head.key) !== head.id) {
      superseded.set(head.key, [...(superseded.get(head.key) ?? []), head.id]);
      continue;
    }
    bytes += head.bytes;
    if (planned.length > 0 && bytes > maxBytes) break;
    planned.push({ head, superseded: isProject(head) ? (superseded.get(head.key) ?? []) : [] });
  }
  return planned;
}

/**
 * Which rows may go: those whose entry is in the log, and the ones it superseded. After the first
 * entry of a key that isn't known to be in the log, nothing of that key goes: all of it is
 * published again, in order, or an older entry repeated later would be the last word.
 */
export function settledRows(
  planned: readonly Publication[],
  outcomes: readonly AppendOutcome[],
): number[] {
  const held = new Set<string>();
  const gone: number[] = [];
  planned.forEach(({ head, superseded }, index) => {
    const key = JSON.stringify([head.topic, head.key]);
    if (isTooLarge(outcomes[index])) return;
    if (outcomes[index]?.kind !== 'acked') held.add(key);
    else if (!held.has(key)) gone.push(...superseded, head.id);
  });
  return gone;
}

/**
 * What the log will never take, so that waiting for it would hold up all that comes after it, of
 * every project. What it superseded stays queued and is published in its place.
 */
export function untakenHeads(
  planned: readonly Publication[],
  outcomes: readonly AppendOutcome[],
): OutboxHead[] {
  return planned.flatMap(({ head }, index) => (isTooLarge(outcomes[index]) ? [head] : []));
}

function isTooLarge(outcome: AppendOutcome | undefined): boolean {
  return outcome?.kind === 'refused' && outcome.reason === 'too-large';
}

/** A tier or customer is never left out: it must come before the project that its change made. */
function isProject({ topic, key }: OutboxHead): boolean {
  return topic === TOPICS.snapshots.name && key.startsWith(snapshotKey(''));
}
