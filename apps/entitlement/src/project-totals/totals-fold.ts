import { Inject, Injectable } from '@nestjs/common';
import type { UsageEvent } from '@tallyward/domain';
import {
  crashPoint,
  Fenced,
  foldSpan,
  type Log,
  type LogBatch,
  LogFault,
} from '@tallyward/platform';
import { LOG_PORT } from '../resources';
import { TotalsStore } from '../storage/totals/totals-store';
import { type FoldAnswer, foldBatch } from './fold-batch';
import { foldMetrics, recordFolded } from './fold-metrics';
import { HoldOwners } from './hold-owners';
import { type ReadBatch, readBatch } from './read-batch';

const SPANS = { batch: 'fold totals', entry: 'fold usage.recorded' };

/**
 * Folds batches of the usage log into the totals, each in one transaction. A batch that throws has
 * changed nothing, or everything and the answer was lost: it comes again from where the store is.
 */
@Injectable()
export class TotalsFold {
  constructor(
    private readonly store: TotalsStore,
    @Inject(LOG_PORT) private readonly log: Pick<Log, 'readRange'>,
    private readonly owners: HoldOwners,
  ) {}

  async fold(batch: LogBatch): Promise<void> {
    const elsewhere = await this.commit(batch);
    await this.owners.tell(elsewhere);
    crashPoint('totals.after-owners');
  }

  private async commit(batch: LogBatch): Promise<readonly UsageEvent[]> {
    const started = performance.now();
    let outcome = 'failed';
    try {
      const answer = await foldSpan(batch, SPANS, () => this.answer(readBatch(batch)));
      if (answer.kind !== 'folded') throw refusal(batch, answer);
      recordFolded(answer.counts);
      outcome = 'folded';
      return answer.elsewhere;
    } finally {
      const seconds = (performance.now() - started) / 1_000;
      foldMetrics().seconds.record(seconds, { outcome });
    }
  }

  private async answer(batch: ReadBatch): Promise<FoldAnswer> {
    const answer = await this.attempt(batch, batch.from);
    if (answer.kind !== 'behind') return answer;
    const { next } = answer.stored;
    await this.expectNothing(batch, next);
    return this.attempt(batch, next);
  }

  private async attempt(batch: ReadBatch, from: bigint): Promise<FoldAnswer> {
    const answer = await this.store.fold((transaction) => foldBatch(transaction, batch, from));
    crashPoint('totals.after-commit');
    return answer;
  }

  /**
   * Offsets may be missing (markers of foreign transactions take some). Whether the log has nothing
   * there, or this reader jumped over entries, the log itself says.
   */
  private async expectNothing({ topic, partition, from }: ReadBatch, next: bigint): Promise<void> {
    const onEntries = (): never => {
      throw new Error(`${topic}/${partition}: entries from ${next} on were not handed over`);
    };
    await this.log.readRange({ topic, partition, from: next, to: from, onEntries });
  }
}

/**
 * What the log port makes of it: a LogFault ends the process, Fenced ends this member's work on the
 * partition, and after any other error the store is asked anew where to go on. The last is for the
 * new owner whom a late commit of the old one has overtaken.
 */
function refusal(
  batch: LogBatch,
  { kind, stored }: Exclude<FoldAnswer, { kind: 'folded' }>,
): Error {
  const place = `${batch.topic}/${batch.partition}`;
  if (kind === 'other-topic') {
    const message = `${place} is ${batch.identity}; its totals were folded from ${stored.identity}`;
    return new LogFault('topic-made-anew', message);
  }
  const message = `${place}: a batch up to ${batch.next} comes too late, totals are at ${stored.next}`;
  return batch.isRevoked() ? new Fenced(message) : new Error(message);
}
