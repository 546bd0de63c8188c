import { Inject, Injectable } from '@nestjs/common';
import type { Log } from '@tallyward/platform';
import { FoldProgress } from '../load-warehouse/warehouse-progress';
import { LOG_PORT } from '../resources';
import { ProgressStore } from '../storage/postgres';
import { DECISION_LOG } from './decision-row';

/** How far the decision log is in ClickHouse. */
@Injectable()
export class DecisionsProgress extends FoldProgress {
  constructor(@Inject(LOG_PORT) log: Pick<Log, 'admin'>, store: ProgressStore) {
    super(DECISION_LOG, log, store);
  }
}
