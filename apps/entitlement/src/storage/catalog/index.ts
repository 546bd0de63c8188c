import { IdempotentRequestRow } from '../idempotency/idempotent-request.entity';
import { ApiKeyRow, AuditFactRow, ModelGroupRow, ModelRow, ProjectRow } from './catalog.entities';
import { CreateCatalog1763769600003 } from './catalog.migration';

export const CATALOG_ENTITIES = [
  ProjectRow,
  ApiKeyRow,
  ModelGroupRow,
  ModelRow,
  AuditFactRow,
  IdempotentRequestRow,
];
export const CATALOG_MIGRATIONS = [CreateCatalog1763769600003];
