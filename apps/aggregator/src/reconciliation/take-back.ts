import { TOPICS } from '@tallyward/contracts';
import { amountsRecord, PROOF_MODULUS } from '@tallyward/domain';
import type { SideProof } from '../close-periods/closing';
import type { Proven } from '../close-periods/prove-periods';
import { readProvenEvent, type ProvenEvent } from '../log-proofs/proven-event';
import { proofOf } from '../reconcile/log-fold';
import { FoldsBehind, type Look } from './look';

/** Entries of one partition that are read again, at most: the folds are rarely a second apart. */
export const MOST_TAKEN_BACK = 20_000;

/**
 * The proofs fold goes on while the other sides are asked: what it has of a period beyond the
 * look's offsets is read from the log and taken back, so that all sides are as of these. An event
 * counts where its key in the fold's own memory says so. Throws FoldsBehind where that is too much.
 */
export async function takeBack(look: Look, found: readonly Proven[]): Promise<Proven[]> {
  const beyond = found.filter((one) => one.log.last >= endOf(look, one));
  const events = new Map<number, ProvenEvent[]>();
  for (const partition of new Set(beyond.map(({ period }) => period.partition))) {
    const lasts = beyond.filter(({ period }) => period.partition === partition);
    const to = lasts.reduce((most, { log }) => (log.last > most ? log.last : most), 0n) + 1n;
    events.set(partition, await countedBetween(look, partition, to));
  }
  return found.map((one) => {
    const { project, customer, partition, period } = one.period;
    const mine = (events.get(partition) ?? []).filter(
      ({ event, offset }) =>
        offset <= one.log.last &&
        event.project === project &&
        event.customer === customer &&
        event.time >= period.from &&
        event.time < period.to,
    );
    return mine.length === 0 ? one : { ...one, log: { ...one.log, ...less(one.log, mine) } };
  });
}

const endOf = ({ upTo }: Look, { period }: Proven): bigint => upTo.get(period.partition) ?? 0n;

/** What counts of a partition from the look's offset until `to`. */
async function countedBetween(
  { parts, upTo }: Look,
  partition: number,
  to: bigint,
): Promise<ProvenEvent[]> {
  const from = upTo.get(partition) ?? 0n;
  if (to - from > BigInt(MOST_TAKEN_BACK)) {
    throw new FoldsBehind(`The proofs are ${to - from} entries ahead of the other sides.`);
  }
  const events: ProvenEvent[] = [];
  const topic = TOPICS.usageEvents.name;
  await parts.log.readRange({
    ...{ topic, partition, from, to },
    onEntries: (entries) => {
      for (const entry of entries) {
        const read = readProvenEvent({ partition, ...entry });
        if (read.kind === 'row') events.push(read.event);
      }
    },
  });
  return parts.keys.countedAt(events);
}

function less(side: SideProof, events: readonly ProvenEvent[]): SideProof {
  const amounts = amountsRecord(
    (unit) => side.amounts[unit] - events.reduce((sum, { event }) => sum + event.amounts[unit], 0),
  );
  const proof = events.reduce((rest, { event }) => rest - proofOf(event), side.proof);
  return { amounts, proof: ((proof % PROOF_MODULUS) + PROOF_MODULUS) % PROOF_MODULUS };
}
