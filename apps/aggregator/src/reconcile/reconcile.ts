import { TOPICS } from '@tallyward/contracts';
import {
  explainTotals,
  totalsKeyText,
  type Difference,
  type LoggedUse,
  type TotalsKey,
} from '@tallyward/domain';
import type { Log } from '@tallyward/platform/engines';
import { setTimeout as pause } from 'node:timers/promises';
import type { AuditedTotals } from '../storage/postgres/audited-totals';
import type { OrphanRecord } from '../storage/postgres/billing/audited-billing';
import { zeroSums, type SideSums } from './audit';
import { add, besideOf, type BesideResult } from './beside';
import { proofOf } from './log-fold';
import type { PartitionResult } from './reconcile-partition';
import type { ReportedDifference } from './reported';

/** How long the folds may take to reach the log's end as it was at the start. */
export const WAIT_FOR_FOLDS_MS = 60_000;
const LOOK_EVERY_MS = 200;
/** Differences that are listed; what is beyond is counted. */
export const MAX_LISTED_DIFFERENCES = 1_000;

type Offsets = ReadonlyMap<number, bigint>;

export interface Reconciliation {
  readonly kind: 'compared';
  readonly equal: boolean;
  /** Next offset, by partition: everything before it was compared. */
  readonly upTo: Offsets;
  readonly log: SideSums;
  readonly totals: SideSums;
  readonly warehouse: SideSums;
  readonly proofs: BesideResult['proofs'];
  readonly billing: BesideResult['billing'];
  readonly differences: readonly ReportedDifference[];
  readonly unlisted: number;
}

export type Outcome = Reconciliation | { readonly kind: 'behind'; readonly detail: string };

export interface Progress {
  (step: 'waiting' | 'comparing', done: number, of: number): void;
}

/** Compares every partition up to its next offset, as of one snapshot of the totals. */
export type Compared = (
  upTo: Offsets,
  onEntries: (entries: number) => void,
) => Promise<{
  readonly results: readonly PartitionResult[];
  /** Records of no closed period. */
  readonly orphans: readonly OrphanRecord[];
}>;

/**
 * Compares log, totals and warehouse, the proofs that bills stand on and what was billed, as of the
 * offsets of one snapshot of the totals.
 */
export async function reconcile(
  log: Log,
  totals: AuditedTotals,
  compared: Compared,
  progress: Progress,
): Promise<Outcome> {
  const topic = TOPICS.usageEvents.name;
  const until = Date.now() + WAIT_FOR_FOLDS_MS;
  const end = await log.admin.endOffsets(topic);
  const folded = async (): Promise<Offsets> => {
    await totals.renew();
    return totals.offsets(topic);
  };
  let behind = await reached('totals', folded, end, until, progress);
  // The snapshot stays as it is now: the other folds have to reach its offsets.
  const upTo = await totals.offsets(topic);
  for (const [name, fold] of FOLLOWING) {
    behind ??= await reached(name, () => totals.landed(fold), upTo, until, progress);
  }
  if (behind) return { kind: 'behind', detail: behind };
  return compare(compared, upTo, progress);
}

const FOLLOWING = [
  ['warehouse', 'live'],
  ['proofs', 'proofs'],
] as const;

/** Waits until `read` has reached `goal`; answers what is behind when the time is up. */
async function reached(
  side: string,
  read: () => Promise<Offsets>,
  goal: Offsets,
  until: number,
  progress: Progress,
): Promise<string | undefined> {
  for (;;) {
    const at = await read();
    const late = [...goal].filter(([partition, offset]) => (at.get(partition) ?? 0n) < offset);
    progress('waiting', goal.size - late.length, goal.size);
    if (late.length === 0) return undefined;
    if (Date.now() > until) {
      const places = late.map(
        ([p, offset]) => `partition ${p}: at ${at.get(p) ?? 0n} of ${offset}`,
      );
      return `The ${side} are behind the log: ${places.join('; ')}`;
    }
    await pause(LOOK_EVERY_MS);
  }
}

async function compare(
  compared: Compared,
  upTo: Offsets,
  progress: Progress,
): Promise<Reconciliation> {
  const all = [...upTo.values()].reduce((sum, offset) => sum + Number(offset), 0);
  let read = 0;
  const { results, orphans } = await compared(upTo, (entries) => {
    progress('comparing', (read += entries), all);
  });
  const sums = { log: zeroSums(), totals: zeroSums(), warehouse: zeroSums() };
  for (const result of results) {
    for (const side of ['log', 'totals', 'warehouse'] as const) add(sums[side], result[side]);
  }
  const parts = results.flatMap(({ beside }) => (beside ? [beside] : []));
  const { proofs, billing, differences: others, beyond } = besideOf(parts, orphans);
  const found = [...differencesOf(results), ...others];
  const differences = found.slice(0, MAX_LISTED_DIFFERENCES);
  const unexplained = results.reduce((rows, result) => rows + result.unexplained, 0);
  const unlisted = unexplained + beyond + found.length - differences.length;
  const equal = differences.length === 0 && unlisted === 0;
  return { kind: 'compared', equal, upTo, ...sums, proofs, billing, differences, unlisted };
}

/** What the partitions' comparisons found, by event where one can be named. */
export function differencesOf(results: readonly PartitionResult[]): Difference[] {
  const eventsOf = (key: TotalsKey): LoggedUse[] =>
    results.flatMap(({ behind }) => behind.get(totalsKeyText(key)) ?? []);
  const rows = results.flatMap((result) => result.totalsRows);
  return [
    ...explainTotals(rows, eventsOf, proofOf),
    ...results.flatMap((result) => result.differences),
  ];
}
