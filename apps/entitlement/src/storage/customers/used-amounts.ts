import { limitOf, type TierLimit } from '@tallyward/contracts';
import {
  type ComputedWindow,
  computedWindow,
  EVERY_GROUP,
  type Span,
  type Unit,
  type WindowFrame,
} from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import { safeInteger } from '../safe-integer';
import { LIVE_TABLES, unitColumn } from '../totals/tables';

/** A customer, how its windows are cut, and at which instant. */
export interface Measured {
  readonly customer: string;
  readonly frame: WindowFrame;
  /** Epoch ms. */
  readonly at: number;
}

/** What counts against a limit in the window of that instant, for one value of its scope. */
export interface UsedAmount {
  readonly customer: string;
  readonly scopeValue: string;
  readonly limit: TierLimit;
  readonly window: Span;
  readonly used: number;
}

export type UsedOf = (
  measured: readonly Measured[],
  limits: readonly TierLimit[],
) => Promise<UsedAmount[]>;

interface Row {
  customer: string;
  scope_value: string;
  used: string;
}

/** The sums of totals that limits count, for the windows that totals can open. */
export function usedOf(manager: EntityManager, project: string): UsedOf {
  return async (measured, limits) => {
    const found: UsedAmount[] = [];
    for (const limit of limits) {
      const window = openedFromTotals(limit);
      if (window === null || measured.length === 0) continue;
      const spans = measured.map(({ at, frame }) => computedWindow(at, window, frame));
      const rows = (await manager.query(sumsFor(limit), [
        project,
        measured.map(({ customer }) => customer),
        spans.map(({ from }) => from),
        spans.map(({ to }) => to),
        limit.modelGroup,
      ])) as Row[];
      const windows = new Map(measured.map(({ customer }, at) => [customer, spans[at] as Span]));
      for (const { customer, scope_value: scopeValue, used } of rows) {
        const over = windows.get(customer) as Span;
        found.push({ customer, scopeValue, limit, window: over, used: safeInteger(used) });
      }
    }
    return found;
  };
}

/** Totals lie on quarters of an hour: no minute, and no window that opens with its first use. */
function openedFromTotals(limit: TierLimit): ComputedWindow | null {
  const { window } = limitOf(limit);
  if (typeof window !== 'string' || window === 'request' || window === 'minute') return null;
  return window;
}

function sumsFor({ scope, unit, modelGroup }: { scope: string; unit: Unit; modelGroup: string }) {
  const value = scope === 'customer' ? 't.customer' : `t."${scope}"`;
  const group = modelGroup === EVERY_GROUP ? '$5::text IS NOT NULL' : 't.model_group = $5';
  return `
    SELECT t.customer, ${value} AS scope_value, sum(t.${unitColumn(unit)}) AS used
    FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS g(customer, begins, ends)
    JOIN ${LIVE_TABLES.totals} t ON t.project = $1 AND t.customer = g.customer
      AND t.quarter >= g.begins AND t.quarter < g.ends
    WHERE ${group} AND ${value} <> ''
    GROUP BY 1, 2 ORDER BY 1, 2`;
}
