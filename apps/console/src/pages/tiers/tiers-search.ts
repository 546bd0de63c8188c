import { UNITS, type Unit } from '@tallyward/domain';

/** The tiers page's filters, as its address holds them. */
export interface TiersSearch {
  /** Which unit's ladder is drawn. */
  readonly unit?: Unit;
}

export function tiersSearch({ unit }: Record<string, unknown>): TiersSearch {
  return UNITS.includes(unit as Unit) ? { unit: unit as Unit } : {};
}

/** A tier version's page: which other version it is compared with. */
export interface TierSearch {
  readonly with?: number;
}

export function tierSearch({ with: other }: Record<string, unknown>): TierSearch {
  return Number.isSafeInteger(other) && Number(other) > 0 ? { with: Number(other) } : {};
}
