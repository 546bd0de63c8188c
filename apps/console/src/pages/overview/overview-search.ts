/** How far back the overview's charts look. */
export const LOOKS_BACK = ['hour', 'day', 'week', 'month'] as const;
export type LooksBack = (typeof LOOKS_BACK)[number];
export const USUAL_LOOK: LooksBack = 'day';

/** The overview's filters, as its address holds them. */
export interface OverviewSearch {
  readonly last?: LooksBack;
  /** Which unit's use is drawn: calls or tokens. */
  readonly unit?: 'calls';
}

export function overviewSearch({ last, unit }: Record<string, unknown>): OverviewSearch {
  const known = LOOKS_BACK.find((look) => look === last && look !== USUAL_LOOK);
  return { ...(known ? { last: known } : {}), ...(unit === 'calls' ? { unit } : {}) };
}
