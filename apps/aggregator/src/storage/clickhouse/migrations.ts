import type { ClickHouseMigration } from '@tallyward/platform';
import { createBillingRecords } from './billing-records.table';
import { createDecisions, retellDecisions } from './decisions.table';
import { createUsageEvents, findByPlace, takeVoids, USAGE_EVENTS } from './usage-events.table';
import { createFirstViews, createViews } from './views';

/** In order, never changed once released: a later step changes what an earlier one made. */
export const CLICKHOUSE_MIGRATIONS: readonly ClickHouseMigration[] = [
  { id: '0001-usage-events', statements: [createUsageEvents(USAGE_EVENTS)] },
  { id: '0002-usage-views', statements: createFirstViews() },
  { id: '0003-find-by-place', statements: [findByPlace(USAGE_EVENTS)] },
  { id: '0004-decisions', statements: createDecisions() },
  { id: '0005-decisions-retold', statements: retellDecisions() },
  { id: '0006-billing-records', statements: createBillingRecords() },
  { id: '0007-voids', statements: [...takeVoids(USAGE_EVENTS), ...createViews()] },
];
