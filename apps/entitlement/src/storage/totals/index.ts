import { LogProgress } from './log-progress.entity';
import { UsageKey } from './usage-key.entity';
import { UsageTotal } from './usage-total.entity';
import { UsageTotals1795305600000 } from './usage-totals.migration';

/** The totals fold's own tables: its entities and migrations, in the order they run. */
export const TOTALS_ENTITIES = [LogProgress, UsageKey, UsageTotal];
export const TOTALS_MIGRATIONS = [UsageTotals1795305600000];
