import { limitOf, type TierLimit, type TierReference } from '@tallyward/contracts';
import {
  type ComputedWindow,
  computedWindow,
  EVERY_GROUP,
  isHard,
  type Limit,
  limitKey,
  type Span,
  tierAt,
} from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { Assigned } from '../../customers/stored-customer';
import { decodeCursor, pageOf } from '../cursor';
import type { CounterRow } from '../leases/counters';
import { asReplenished, type Held } from '../leases/replenishment';
import { safeInteger } from '../safe-integer';
import { loadTierVersion } from '../tiers/tier-reader';
import { LIVE_TABLES, unitColumn } from '../totals/tables';
import type { Known } from './entitlement-reader';
import { countersTouching, isOnQuarters, newCounter } from './present-counters';

/** Quarters of an hour in which something was used that one request adds up. */
export const MOST_QUARTERS = 200_000;

export interface OveragesWanted {
  readonly span: Span;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A limit in a window, with what it gave and what was used. */
export interface OverageLine {
  readonly tier: TierReference;
  readonly limit: TierLimit;
  readonly scopeValue: string;
  readonly counter: string;
  readonly window: Span;
  readonly timeZone: string;
  readonly used: number;
  readonly amount: number;
  readonly overrun: number;
}

export type OveragePage =
  | { readonly kind: 'page'; data: OverageLine[]; nextCursor: string | null }
  | { readonly kind: 'not-a-cursor' }
  | { readonly kind: 'too-many' };

const place = z.tuple([z.number().int(), z.string()]);

/**
 * A tier decides about a window if it is in force as the window ends, or now: a counter belongs to
 * no tier, and its amount is that of the tier that has it last. So what was used under a tier
 * before counts too, as it does when calls are decided.
 */
export async function overagePage(
  manager: EntityManager,
  project: string,
  customer: string,
  known: Known,
  { span, limit: most, cursor }: OveragesWanted,
): Promise<OveragePage> {
  const after = cursor === undefined ? null : decodeCursor(place, cursor);
  if (cursor !== undefined && after === null) return { kind: 'not-a-cursor' };
  const open = await countersTouching(manager, project, [customer], span);
  const rows = new Map(open.map((row) => [textOf(row), row]));
  const lines: OverageLine[] = [];
  for (const tier of known.holder.tiers.filter(({ from }) => from <= known.now)) {
    const stored = await loadTierVersion(manager, project, tier.name, tier.version);
    for (const limit of stored?.limits ?? []) {
      const at: At = { manager, project, customer, known, tier, limit, rule: limitOf(limit), span };
      const found = await linesOf(at, rows);
      if (found === null) return { kind: 'too-many' };
      lines.push(...found);
    }
  }
  lines.sort((a, b) => a.window.from - b.window.from || (a.counter < b.counter ? -1 : 1));
  const rest = after === null ? lines : lines.filter((line) => isAfter(line, after));
  const placeOf = ({ window, counter }: OverageLine): [number, string] => [window.from, counter];
  return { kind: 'page', ...pageOf(rest, most, (line) => line, placeOf) };
}

function isAfter({ window, counter }: OverageLine, [from, name]: [number, string]): boolean {
  return window.from === from ? counter > name : window.from > from;
}

interface At {
  readonly manager: EntityManager;
  readonly project: string;
  readonly customer: string;
  readonly known: Known;
  readonly tier: Assigned;
  readonly limit: TierLimit;
  readonly rule: Limit;
  readonly span: Span;
}

/** Null: too many. */
async function linesOf(
  at: At,
  stored: ReadonlyMap<string, CounterRow>,
): Promise<OverageLine[] | null> {
  const { known, rule, limit, tier } = at;
  const { holder, now } = known;
  if (rule.window === 'request') return [];
  const decides = ({ to }: Span) => tierAt(holder.tiers, Math.min(to - 1, now)) === tier;
  const used = isOnQuarters(rule)
    ? await usedByWindow(at, rule.window as ComputedWindow)
    : usedByRows(rule, [...stored.values()]);
  if (used === null) return null;
  const deciding = used.filter(({ window }) => decides(window) && window.from <= now);
  const held = deciding.map(({ scopeValue, window, used: sum }): Held => {
    const { name, amount, isHard } = newCounter(at.project, at.customer, rule, scopeValue, window);
    const key = { project: at.project, customer: at.customer, name, windowStart: window.from };
    const open = stored.get(textOf(key));
    const none = { leased: 0, amount, extra: 0, overrun: 0, isHard };
    return {
      row: { ...key, ...none, windowEnd: window.to, ...open, used: sum },
      limit: rule,
      holder,
    };
  });
  const lines: OverageLine[] = [];
  const rows = await atTheirEnds(at, held);
  for (const [n, row] of rows.entries()) {
    const { scopeValue, window } = deciding[n] as UsedInWindow;
    const amount = row.amount + row.extra;
    const overrun = isHard(rule) ? Math.max(row.overrun, row.used - amount, 0) : 0;
    if (isHard(rule) ? overrun === 0 : row.used === 0) continue;
    const { timeZone } = holder.frame;
    const reference = { name: tier.name, version: tier.version };
    const what = { tier: reference, limit, scopeValue, counter: row.name, window, timeZone };
    lines.push({ ...what, used: row.used, amount, overrun });
  }
  return lines;
}

/** As windows were when they ended, those of one instant together; the present ones as now. */
async function atTheirEnds(
  { manager, known: { now } }: At,
  held: readonly Held[],
): Promise<CounterRow[]> {
  const byInstant = new Map<number, number[]>();
  for (const [n, { row }] of held.entries()) {
    const instant = Math.min(row.windowEnd - 1, now);
    const places = byInstant.get(instant);
    if (places) places.push(n);
    else byInstant.set(instant, [n]);
  }
  const rows = held.map(({ row }) => row);
  for (const [instant, places] of byInstant) {
    const those = places.map((n) => held[n] as Held);
    const grown = await asReplenished(manager, those, instant);
    for (const [at, n] of places.entries()) rows[n] = grown[at]?.row ?? (rows[n] as CounterRow);
  }
  return rows;
}

const textOf = ({ name, windowStart }: Pick<CounterRow, 'name' | 'windowStart'>): string =>
  `${windowStart} ${name}`;

interface UsedInWindow {
  readonly scopeValue: string;
  readonly window: Span;
  readonly used: number;
}

/** Windows that only their counters know. */
function usedByRows(rule: Limit, rows: readonly CounterRow[]): UsedInWindow[] {
  const key = limitKey(rule);
  return rows
    .filter(({ name }) => name.startsWith(key))
    .map(({ name, windowStart: from, windowEnd: to, used }) => {
      return { scopeValue: name.slice(key.length), window: { from, to }, used };
    });
}

/** Windows that touch the span and in which something was used, whole. Null: too many quarters. */
async function usedByWindow(at: At, window: ComputedWindow): Promise<UsedInWindow[] | null> {
  const { manager, project, customer, rule, span, known } = at;
  const windows = new Map<number, Span>();
  // Cutting a calendar takes a fraction of a millisecond, and thousands may share an instant.
  const cut = (instant: number): Span => {
    const found = windows.get(instant) ?? computedWindow(instant, window, known.holder.frame);
    windows.set(instant, found);
    return found;
  };
  const value = rule.scope === 'customer' ? 't.customer' : `t."${rule.scope}"`;
  const group = rule.modelGroup === EVERY_GROUP ? '$5::text IS NOT NULL' : 't.model_group = $5';
  const quarter = window === 'lifetime' ? '0::bigint' : 't.quarter';
  const rows = await manager.query<{ value: string; quarter: string; used: string }[]>(
    `SELECT ${value} AS value, ${quarter} AS quarter, sum(t.${unitColumn(rule.unit)}) AS used
     FROM ${LIVE_TABLES.totals} t
     WHERE t.project = $1 AND t.customer = $2 AND t.quarter >= $3 AND t.quarter < $4
       AND ${group} AND ${value} <> ''
     GROUP BY 1, 2 ORDER BY 1, 2 LIMIT ${MOST_QUARTERS + 1}`,
    [project, customer, cut(span.from).from, cut(span.to - 1).to, rule.modelGroup],
  );
  if (rows.length > MOST_QUARTERS) return null;
  const found: { scopeValue: string; window: Span; used: number }[] = [];
  for (const { value: scopeValue, quarter: begins, used } of rows) {
    const last = found.at(-1);
    const instant = safeInteger(begins);
    if (last?.scopeValue === scopeValue && instant < last.window.to) last.used += safeInteger(used);
    else found.push({ scopeValue, window: cut(instant), used: safeInteger(used) });
  }
  return found;
}
