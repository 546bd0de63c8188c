import type { EntityTarget, MigrationInterface, ObjectLiteral } from 'typeorm';

/** The totals fold's own tables: its entities and migrations, in the order they run. */
export const TOTALS_ENTITIES: readonly EntityTarget<ObjectLiteral>[] = [];
export const TOTALS_MIGRATIONS: readonly (new () => MigrationInterface)[] = [];
