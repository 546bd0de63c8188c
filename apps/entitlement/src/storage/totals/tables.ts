import { UNITS, type Unit } from '@tallyward/domain';

/** The three tables of the fold. A rebuild folds into a set of its own, then takes the place. */
export interface FoldTables {
  readonly progress: string;
  readonly keys: string;
  readonly totals: string;
}

export const LIVE_TABLES: FoldTables = {
  progress: 'entitlement.log_progress',
  keys: 'entitlement.usage_key',
  totals: 'entitlement.usage_total',
};

export const NEXT_TABLES: FoldTables = {
  progress: 'entitlement.log_progress_next',
  keys: 'entitlement.usage_key_next',
  totals: 'entitlement.usage_total_next',
};

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

/** A proof is a sum modulo this. */
export const PROOF_MODULUS = (1n << 128n).toString();
