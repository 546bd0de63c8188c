const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;

export const GROUPINGS = ['modelGroup', 'model', 'workspace', 'user'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** From the coarsest to the finest: a click on a bar looks into it, one step finer. */
const WINDOWS = ['month', 'day', 'hour', 'minute'] as const;
export type HistoryWindow = (typeof WINDOWS)[number];

export const STEP_MS: Readonly<Record<HistoryWindow, number>> = {
  month: DAY_MS * 28,
  day: DAY_MS,
  hour: HOUR_MS,
  minute: MINUTE_MS,
};

/** What of a customer's history is shown, as its address holds it. */
export interface HistorySearch {
  readonly by?: Grouping;
  readonly unit?: 'calls';
  /** The bar that is looked into; without it, a year by the month. */
  readonly from?: string;
  readonly to?: string;
  readonly window?: HistoryWindow;
}

export function historySearch(said: Record<string, unknown>): HistorySearch {
  const by = GROUPINGS.find((grouping) => grouping === said['by'] && grouping !== 'modelGroup');
  const window = WINDOWS.find((one) => one === said['window'] && one !== 'month');
  const [from, to] = [instantOf(said['from']), instantOf(said['to'])];
  const isWhole = window !== undefined && from !== undefined && to !== undefined && from < to;
  return {
    ...(by ? { by } : {}),
    ...(said['unit'] === 'calls' ? { unit: 'calls' } : {}),
    ...(isWhole ? { from, to, window } : {}),
  };
}

function instantOf(value: unknown): string | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

/** The span that is looked at; a year ends with the present minute. `now`: epoch ms. */
export function historySpan(
  { from, to, window }: HistorySearch,
  now: number,
): { readonly from: string; readonly to: string; readonly window: HistoryWindow } {
  if (from && to && window) return { from, to, window };
  const end = Math.floor(now / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  return { from: iso(end - YEAR_MS), to: iso(end), window: 'month' };
}

const iso = (at: number): string => new Date(at).toISOString();

/** A look into one bar; undefined: it is the finest. */
export function into(
  bar: { readonly from: string; readonly to: string },
  window: HistoryWindow,
): Pick<HistorySearch, 'from' | 'to' | 'window'> | undefined {
  const finer = WINDOWS[WINDOWS.indexOf(window) + 1];
  return finer && { from: bar.from, to: bar.to, window: finer };
}
