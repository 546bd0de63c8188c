import { UNITS, type Unit } from '@tallyward/domain';

/** How far the live totals are folded; a rebuild keeps its own place in memory. */
export const PROGRESS_TABLE = 'entitlement.log_progress';

/** What a fold writes into. A rebuild has its own, which then take the place of the live ones. */
export interface FoldTables {
  readonly keys: string;
  readonly totals: string;
}

export const LIVE_TABLES: FoldTables = {
  keys: 'entitlement.usage_key',
  totals: 'entitlement.usage_total',
};

/** `run` keeps two rebuilds apart: one that was thought dead finds its tables gone. */
export function nextTables(run: string): FoldTables {
  return {
    keys: `${LIVE_TABLES.keys}_next_${run}`,
    totals: `${LIVE_TABLES.totals}_next_${run}`,
  };
}

/** Column of a unit: `inputTokens` stands in `input_tokens`. */
export function unitColumn(unit: Unit): string {
  return unit.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export const UNIT_COLUMNS = UNITS.map(unitColumn);

/** The primary key of a totals row, in the order of its index; `quarter` is epoch ms. */
export const TOTALS_KEY = [
  'project',
  'customer',
  'quarter',
  'workspace',
  '"user"',
  'role',
  'model',
  'model_group',
] as const;
