import { openPostgres, type PostgresOptions } from '@tallyward/platform';
import type { DataSource } from 'typeorm';
import { AuditorReadsWhatCloses1795710000000 } from './auditor-closes.migration';
import { AuditorReadsTotalsAlone1795400000000 } from './auditor-rights.migration';
import { CATALOG_ENTITIES, CATALOG_MIGRATIONS } from './catalog';
import { ClosingOfProjects1795700000000 } from './catalog/closing.migration';
import { CreateKeyUse1795900000000 } from './catalog/key-use.migration';
import { CreateLeases1795500000000 } from './leases/leases.migration';
import { CreateOverruns1795510000000 } from './leases/overruns.migration';
import { TellReplenishmentsApart1795520000000 } from './leases/replenishment.migration';
import { OutboxRow } from './outbox/outbox.entity';
import { CreateOutbox1763769600001 } from './outbox/outbox.migration';
import { SetAsideOfOutbox1795600000000 } from './outbox/set-aside.migration';
import { CreateQuarantine1763769600002 } from './quarantine/quarantine.migration';
import { QuarantinedRow } from './quarantine/quarantined.entity';
import { TIER_ENTITIES, TIER_MIGRATIONS } from './tiers';
import { TOTALS_ENTITIES, TOTALS_MIGRATIONS } from './totals';
import { VoidsOfUsage1795800000000 } from './totals/voids.migration';

/** The Postgres schema this service owns; nobody else writes in it. */
export const SCHEMA = 'entitlement';
/** Connections of one process: MAX_CHANGES_AT_ONCE for changes, the rest for reads and folds. */
export const POOL_SIZE = 20;

/** Tables of each slice, in the order their migrations run. */
export const ENTITIES = [
  OutboxRow,
  QuarantinedRow,
  ...CATALOG_ENTITIES,
  ...TOTALS_ENTITIES,
  ...TIER_ENTITIES,
];
export const MIGRATIONS = [
  CreateOutbox1763769600001,
  CreateQuarantine1763769600002,
  ...CATALOG_MIGRATIONS,
  ...TOTALS_MIGRATIONS,
  AuditorReadsTotalsAlone1795400000000,
  ...TIER_MIGRATIONS,
  CreateLeases1795500000000,
  CreateOverruns1795510000000,
  TellReplenishmentsApart1795520000000,
  SetAsideOfOutbox1795600000000,
  ClosingOfProjects1795700000000,
  AuditorReadsWhatCloses1795710000000,
  VoidsOfUsage1795800000000,
  CreateKeyUse1795900000000,
];

/** Opens the pool, and migrates the schema: one instance at a time. */
export function openStorage(
  url: string,
  instance: string,
  onTrouble: NonNullable<PostgresOptions['onTrouble']>,
): Promise<DataSource> {
  return openPostgres({
    url,
    schema: SCHEMA,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    applicationName: `tallyward ${instance}`,
    poolSize: POOL_SIZE,
    onTrouble,
  });
}
