import { crashPoint, Fenced } from '@tallyward/platform';
import type { FoldEvents } from '../load-warehouse/fold-events';
import { countBatch, formBatch, type BatchSource } from '../load-warehouse/form-batch';
import type { FoldStore } from '../storage/postgres';
import { readProvenEvent, type ProvenEvent } from './proven-event';

/**
 * The third fold of the usage log, beside totals and warehouse, with keys of its own: it keeps what
 * the log itself proves, per customer and quarter of an hour, so that a period can be proven
 * without the log being read again (PROTOCOL 25). One transaction a batch: keys, proofs, offset.
 */
export class ProofsFold {
  constructor(
    private readonly store: Pick<FoldStore<ProvenEvent>, 'take'>,
    private readonly events: FoldEvents,
  ) {}

  async load(source: BatchSource, topicIdentity: string): Promise<void> {
    let rest = source;
    while (rest.from < rest.to) {
      const formed = formBatch(rest, readProvenEvent);
      const taken = await this.store.take(formed, topicIdentity, (keys) =>
        countBatch(formed, keys),
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

  /** A batch is whole or not there: nothing is ever left open. */
  finishOpen(): Promise<void> {
    return Promise.resolve();
  }
}
