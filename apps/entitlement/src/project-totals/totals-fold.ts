import { Inject, Injectable } from '@nestjs/common';
import type { UsageEvent } from '@tallyward/domain';
import { crashPoint, foldSpan, type Log, type LogBatch } from '@tallyward/platform';
import { LOG_PORT } from '../resources';
import { TotalsStore } from '../storage/totals/totals-store';
import { expectGap, refusal, takeInTurn } from '../take-in-turn';
import { type FoldAnswer, foldBatch } from './fold-batch';
import { foldMetrics, recordFolded } from './fold-metrics';
import { HoldOwners } from './hold-owners';
import { inParts, type ReadAt, type ReadBatch, readBatch } from './read-batch';

const SPANS = { batch: 'fold totals', entry: 'fold usage.recorded' };

/**
 * Folds batches of the usage log into the totals, each in one transaction. A batch that throws has
 * changed nothing, or everything and the answer was lost: it comes again from where the store is.
 */
@Injectable()
export class TotalsFold {
  constructor(
    private readonly store: TotalsStore,
    @Inject(LOG_PORT) private readonly log: Pick<Log, 'readRange' | 'readAt'>,
    private readonly owners: HoldOwners,
  ) {}

  async fold(batch: LogBatch): Promise<void> {
    await foldSpan(batch, SPANS, async () => {
      for (const part of inParts(readBatch(batch))) {
        const elsewhere = await this.commit(batch, part);
        await this.owners.tell(elsewhere, part.next);
        crashPoint('totals.after-owners');
      }
    });
  }

  private async commit(batch: LogBatch, part: ReadBatch): Promise<readonly UsageEvent[]> {
    const started = performance.now();
    let outcome = 'failed';
    try {
      const answer = await this.answer(part);
      if (answer.kind !== 'folded') throw refusal(batch, answer);
      recordFolded(answer.counts);
      outcome = 'folded';
      return answer.elsewhere;
    } finally {
      const seconds = (performance.now() - started) / 1_000;
      foldMetrics().seconds.record(seconds, { outcome });
    }
  }

  private answer(batch: ReadBatch): Promise<FoldAnswer> {
    return takeInTurn(
      batch,
      (from) => this.attempt(batch, from),
      (from) => expectGap(this.log, batch, from),
    );
  }

  private async attempt(batch: ReadBatch, from: bigint): Promise<FoldAnswer> {
    const readAt: ReadAt = (places) => this.log.readAt(places);
    const answer = await this.store.fold((transaction) => {
      return foldBatch(transaction, batch, from, readAt);
    });
    crashPoint('totals.after-commit');
    return answer;
  }
}
