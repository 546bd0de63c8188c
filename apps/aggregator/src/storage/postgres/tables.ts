import { LoadIntent } from './load-intent.entity';
import { LogProgress } from './log-progress.entity';
import { WarehouseFold1790000000000 } from './migrations/1790000000000-warehouse-fold';
import { DecisionFold1790000001000 } from './migrations/1790000001000-decision-fold';
import { Billing1790000002500 } from './migrations/1790000002500-billing';
import { LogProofs1790000002000 } from './migrations/1790000002000-log-proofs';
import { BillingFold1790000003000 } from './migrations/1790000003000-billing-fold';
import { Drift1790000003500 } from './migrations/1790000003500-drift';
import { ParkedDecision, ParkedEntry, ParkedRecord } from './parked-entry.entity';
import { Voids1790000004000 } from './migrations/1790000004000-voids';
import { DecisionKey, RecordKey, UsageKey } from './usage-key.entity';
import { WarehouseSwap } from './warehouse-swap.entity';

export const ENTITIES = [
  LogProgress,
  LoadIntent,
  UsageKey,
  ParkedEntry,
  WarehouseSwap,
  DecisionKey,
  ParkedDecision,
  RecordKey,
  ParkedRecord,
];
/** In the order they run. */
export const MIGRATIONS = [
  WarehouseFold1790000000000,
  DecisionFold1790000001000,
  LogProofs1790000002000,
  Billing1790000002500,
  BillingFold1790000003000,
  Drift1790000003500,
  Voids1790000004000,
];
