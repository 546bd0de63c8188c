import { TOPICS } from '@tallyward/contracts';
import { addAmounts, addProofs, takeAmounts, takeProof } from '@tallyward/domain';
import type { LogEntry } from '@tallyward/platform';
import type { SideProof } from '../close-periods/closing';
import type { Proven } from '../close-periods/prove-periods';
import { AS_IT_WAS, formBatch, reformBatch } from '../load-warehouse/form-batch';
import { earlierOf } from '../load-warehouse/void-rows';
import { readProvenEvent, type ProvenEvent } from '../log-proofs/proven-event';
import { proofOf } from '../reconcile/log-fold';
import { FoldsBehind, type Look } from './look';

/** Entries of one partition that are read again, at most: the folds are rarely a second apart. */
export const MOST_TAKEN_BACK = 20_000;

/** What the proofs have of a partition beyond a look's offset. */
interface Beyond {
  readonly counted: readonly ProvenUse[];
  /** What voids took back, at their places. */
  readonly takenBack: readonly ProvenUse[];
}

type ProvenUse = Pick<ProvenEvent, 'offset' | 'event'>;

/**
 * The proofs fold goes on while the other sides are asked: what it has of a period beyond the
 * look's offsets is read from the log and taken out, so that all sides are as of these. An entry is
 * what its key in the fold's own memory says. Throws FoldsBehind where that is too much.
 */
export async function takeBack(look: Look, found: readonly Proven[]): Promise<Proven[]> {
  const ahead = found.filter((one) => one.log.last >= endOf(look, one));
  const beyond = new Map<number, Beyond>();
  for (const partition of new Set(ahead.map(({ period }) => period.partition))) {
    const lasts = ahead.filter(({ period }) => period.partition === partition);
    const to = lasts.reduce((most, { log }) => (log.last > most ? log.last : most), 0n) + 1n;
    beyond.set(partition, await provenBetween(look, partition, to));
  }
  return found.map((one) => {
    const { counted, takenBack } = beyond.get(one.period.partition) ?? NOTHING;
    const [less, more] = [counted.filter(isOf(one)), takenBack.filter(isOf(one))];
    if (less.length + more.length === 0) return one;
    return { ...one, log: { ...one.log, ...without(one.log, less, more) } };
  });
}

const NOTHING: Beyond = { counted: [], takenBack: [] };
const endOf = ({ upTo }: Look, { period }: Proven): bigint => upTo.get(period.partition) ?? 0n;

const isOf =
  ({ log, period: { project, customer, period } }: Proven) =>
  ({ event, offset }: ProvenUse): boolean =>
    offset <= log.last &&
    event.project === project &&
    event.customer === customer &&
    event.time >= period.from &&
    event.time < period.to;

/** What the proofs made of a partition from the look's offset until `to`. */
async function provenBetween(
  { parts: { log, keys }, upTo }: Look,
  partition: number,
  to: bigint,
): Promise<Beyond> {
  const from = upTo.get(partition) ?? 0n;
  if (to - from > BigInt(MOST_TAKEN_BACK)) {
    throw new FoldsBehind(`The proofs are ${to - from} entries ahead of the other sides.`);
  }
  const entries: LogEntry[] = [];
  const topic = TOPICS.usageEvents.name;
  const onEntries = (read: LogEntry[]): void => void entries.push(...read);
  await log.readRange({ topic, partition, from, to, onEntries });
  if (entries.length === 0) return NOTHING;
  const formed = formBatch({ partition, from, to, entries }, readProvenEvent, AS_IT_WAS);
  const { counted, pairs } = reformBatch(formed, await keys.keysOf(formed));
  const voids = pairs.filter(({ later }) => later.event === null);
  const events = await earlierOf({ topic, readRow: readProvenEvent, log }, formed, voids);
  const takenBack = voids.flatMap(({ later: { offset }, earlier }) => {
    const event = events.get(earlier)?.event;
    return event ? [{ offset, event }] : [];
  });
  return { counted, takenBack };
}

function without(
  side: SideProof,
  less: readonly ProvenUse[],
  more: readonly ProvenUse[],
): SideProof {
  const amounts = { ...side.amounts };
  let { proof } = side;
  for (const { event } of less) {
    takeAmounts(amounts, event.amounts);
    proof = takeProof(proof, proofOf(event));
  }
  for (const { event } of more) {
    addAmounts(amounts, event.amounts);
    proof = addProofs(proof, proofOf(event));
  }
  return { amounts, proof };
}
