import { type LimitScope, type Span, type Unit, UNITS } from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import { safeInteger } from '../safe-integer';
import { LIVE_TABLES, unitColumn } from '../totals/tables';

/** What of a customer's use is asked for; the span lies on quarters of an hour. */
export interface UseAsked {
  readonly project: string;
  readonly customer: string;
  readonly scope: LimitScope;
  readonly scopeValue: string;
  readonly modelGroup: string;
  readonly unit: Unit;
  readonly span: Span;
}

const OF_UNIT = UNITS.map((unit) => `WHEN '${unit}' THEN t.${unitColumn(unit)}`).join(' ');

/** The sums of totals, in the order they were asked for. */
export async function usedIn(
  manager: EntityManager,
  asked: readonly UseAsked[],
): Promise<number[]> {
  if (asked.length === 0) return [];
  const rows = await manager.query<{ used: string }[]>(
    `SELECT (
       SELECT coalesce(sum(CASE a.unit ${OF_UNIT} END), 0) FROM ${LIVE_TABLES.totals} t
       WHERE t.project = a.project AND t.customer = a.customer
         AND t.quarter >= a.starts AND t.quarter < a.ends
         AND a.model_group IN ('*', t.model_group)
         AND CASE a.scope WHEN 'workspace' THEN t.workspace = a.scope_value
           WHEN 'user' THEN t."user" = a.scope_value WHEN 'role' THEN t.role = a.scope_value
           ELSE true END) AS used
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
       $7::bigint[], $8::bigint[]) WITH ORDINALITY
       AS a (project, customer, scope, scope_value, model_group, unit, starts, ends, place)
     ORDER BY a.place`,
    [
      asked.map(({ project }) => project),
      asked.map(({ customer }) => customer),
      asked.map(({ scope }) => scope),
      asked.map(({ scopeValue }) => scopeValue),
      asked.map(({ modelGroup }) => modelGroup),
      asked.map(({ unit }) => unit),
      asked.map(({ span }) => span.from),
      asked.map(({ span }) => span.to),
    ],
  );
  return rows.map(({ used }) => safeInteger(used));
}
