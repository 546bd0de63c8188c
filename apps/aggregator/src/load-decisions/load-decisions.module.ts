import { Module } from '@nestjs/common';
import { logFold } from '../load-warehouse/log-fold.module';
import { DECISIONS } from '../storage/clickhouse';
import { DECISION_LOG } from './decision-row';

/** Folds the decision log into ClickHouse. */
@Module(
  logFold({
    log: DECISION_LOG,
    table: DECISIONS,
    group: 'aggregator.decisions',
    check: 'decisions-fold',
    path: 'decisions',
  }),
)
export class LoadDecisionsModule {}
