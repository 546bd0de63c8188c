import { Module } from '@nestjs/common';
import { logFold } from '../load-warehouse/log-fold.module';
import { BILLING_RECORDS } from '../storage/clickhouse';
import { RECORD_LOG } from './record-row';

/** Folds the billing records into ClickHouse. */
@Module(
  logFold({
    log: RECORD_LOG,
    table: BILLING_RECORDS,
    group: 'aggregator.records',
    check: 'records-fold',
    path: 'records',
  }),
)
export class LoadRecordsModule {}
