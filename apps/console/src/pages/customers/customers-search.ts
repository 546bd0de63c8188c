/** The customers page's filters, as its address holds them. */
export interface CustomersSearch {
  readonly tier?: string;
  readonly version?: number;
  /** Percent of a limit that is used, at least: 80 is near, 100 over. */
  readonly near?: 80 | 100;
  readonly q?: string;
}

const MOST_SEARCHED = 128;

export function customersSearch(given: Record<string, unknown>): CustomersSearch {
  const { tier, version, near, q } = given;
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  const sought = text(q)?.slice(0, MOST_SEARCHED);
  const wanted = Number(version);
  return {
    ...(text(tier) ? { tier: text(tier) } : {}),
    ...(Number.isSafeInteger(wanted) && wanted > 0 ? { version: wanted } : {}),
    ...(near === 80 || near === 100 ? { near } : {}),
    ...(sought ? { q: sought } : {}),
  };
}
