import { Inject, Injectable } from '@nestjs/common';
import { TOPICS } from '@tallyward/contracts';
import type { Log } from '@tallyward/platform';
import { FoldProgress } from '../load-warehouse/warehouse-progress';
import { LOG_PORT } from '../resources';
import { ProgressStore } from '../storage/postgres';

/** The usage log, as the proofs fold takes it. */
export const PROVEN_LOG = {
  fold: 'proofs',
  topic: TOPICS.usageEvents.name,
  metrics: 'proofs',
} as const;

/** How far the usage log is proven. */
@Injectable()
export class ProofsProgress extends FoldProgress {
  constructor(@Inject(LOG_PORT) log: Pick<Log, 'admin'>, store: ProgressStore) {
    super(PROVEN_LOG, log, store);
  }
}
