import { TOPICS } from '@tallyward/contracts';
import { countOnce } from '@tallyward/domain';
import { crashPoint, Fenced, type Log } from '@tallyward/platform';
import type { FoldEvents } from '../load-warehouse/fold-events';
import {
  countBatch,
  formBatch,
  type BatchSource,
  type CountedBatch,
  type FormedBatch,
  type KeyedVoid,
} from '../load-warehouse/form-batch';
import { earlierOf } from '../load-warehouse/void-rows';
import type { FoldStore } from '../storage/postgres';
import { readProvenEvent, type CountedProofs, type ProvenEvent } from './proven-event';

/**
 * The third fold of the usage log, beside totals and warehouse, with keys of its own: it keeps what
 * the log itself proves, per customer and quarter of an hour, so that a period can be proven
 * without the log being read again (PROTOCOL 25). One transaction a batch: keys, proofs, offset.
 */
export class ProofsFold {
  constructor(
    private readonly store: Pick<FoldStore<ProvenEvent, CountedProofs>, 'take' | 'keysOf'>,
    private readonly log: Pick<Log, 'readAt'>,
    private readonly events: FoldEvents,
  ) {}

  async load(source: BatchSource, topicIdentity: string): Promise<void> {
    let rest = source;
    while (rest.from < rest.to) {
      const formed = formBatch(rest, readProvenEvent);
      const voided = await this.voidedBy(formed);
      const taken = await this.store.take(formed, topicIdentity, (keys) =>
        withTakenBack(countBatch(formed, keys), voided),
      );
      if (taken.kind !== 'taken') {
        this.events.fenced(source.partition);
        throw new Fenced(`Partition ${source.partition} is no longer ours at offset ${rest.from}`);
      }
      crashPoint('proofs.after-taken');
      this.events.loaded(taken.batch);
      const { to } = taken.batch;
      if (to === rest.from) throw new Error(`A batch at offset ${to} answers for no offset`);
      rest = { ...rest, from: to, entries: rest.entries.filter(({ offset }) => offset >= to) };
    }
  }

  /** The events that the batch's voids may take back, by offset: read before keys are locked. */
  private async voidedBy(formed: FormedBatch<ProvenEvent>): Promise<Voided> {
    const voids = formed.events.filter(({ event }) => event === null);
    if (voids.length === 0) return new Map();
    const keys = await this.store.keysOf({ events: voids });
    // Not cut, as a batch may be: what is read here is at least what it will need.
    const { verdicts } = countOnce(formed.events, ({ identity }) => identity, keys);
    const pairs = verdicts.flatMap((one) => (one.kind === 'voids' ? [{ earlier: one.of }] : []));
    const source = { topic: TOPICS.usageEvents.name, readRow: readProvenEvent, log: this.log };
    return earlierOf(source, formed, pairs);
  }

  /** A batch is whole or not there: nothing is ever left open. */
  finishOpen(): Promise<void> {
    return Promise.resolve();
  }
}

type Voided = ReadonlyMap<bigint, ProvenEvent | KeyedVoid>;

/** Of an event that was voided before it came, nothing was ever added. */
function withTakenBack(batch: CountedBatch<ProvenEvent>, voided: Voided): CountedProofs {
  const takenBack = batch.pairs.flatMap(({ later: { offset, event }, earlier }) => {
    if (event !== null) return [];
    const found = voided.get(earlier);
    if (!found?.event) throw new Error(`No event was read at offset ${earlier}, which is voided`);
    return [{ offset, event: found.event }];
  });
  return { ...batch, takenBack };
}
