import { Module } from '@nestjs/common';
import { logFold } from '../load-warehouse/log-fold.module';
import { DECISIONS } from '../storage/clickhouse';
import { DECISION_LOG } from './decision-row';

/** How far the decision log is in ClickHouse: a FoldProgress. */
export const DECISIONS_PROGRESS = Symbol('progress of the decision log');

/** Folds the decision log into ClickHouse. */
@Module(
  logFold({
    log: DECISION_LOG,
    table: DECISIONS,
    group: 'aggregator.decisions',
    check: 'decisions-fold',
    path: 'decisions',
    progress: DECISIONS_PROGRESS,
  }),
)
export class LoadDecisionsModule {}
