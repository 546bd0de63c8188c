import { LoadIntent } from './load-intent.entity';
import { LogProgress } from './log-progress.entity';
import { WarehouseFold1790000000000 } from './migrations/1790000000000-warehouse-fold';
import { ParkedEntry } from './parked-entry.entity';
import { UsageKey } from './usage-key.entity';
import { WarehouseSwap } from './warehouse-swap.entity';

export const ENTITIES = [LogProgress, LoadIntent, UsageKey, ParkedEntry, WarehouseSwap];
/** In the order they run. */
export const MIGRATIONS = [WarehouseFold1790000000000];
