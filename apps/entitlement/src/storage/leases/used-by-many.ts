import { type LimitScope, type Span, type Unit, UNITS } from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import { safeInteger } from '../safe-integer';
import { LIVE_TABLES, unitColumn } from '../totals/tables';

/** What of a customer's use is asked for; its window lies on quarters of an hour. */
export interface UseAsked {
  readonly project: string;
  readonly customer: string;
  readonly scope: LimitScope;
  readonly scopeValue: string;
  readonly modelGroup: string;
  readonly unit: Unit;
  readonly window: Span;
}

/** Values of one limit in one window for which a scan each costs less than a pass for all. */
const FEW = 8;

const OF_UNIT = UNITS.map((unit) => `WHEN '${unit}' THEN t.${unitColumn(unit)}`).join(' ');

/** The sum of totals that counts in a row `c`, with a counter's columns: one scan for each row. */
export const USED_IN_WINDOW = `
  SELECT coalesce(sum(CASE c.unit ${OF_UNIT} END), 0)::bigint
  FROM ${LIVE_TABLES.totals} t
  WHERE t.project = c.project AND t.customer = c.customer
    AND t.quarter >= c.window_start AND t.quarter < c.window_end
    AND c.model_group IN ('*', t.model_group)
    AND CASE c.scope WHEN 'workspace' THEN t.workspace = c.scope_value
      WHEN 'user' THEN t."user" = c.scope_value WHEN 'role' THEN t.role = c.scope_value
      ELSE true END`;

/** The same for all values of a scope that are asked for, in one pass over the totals. */
const USED_BY_VALUE = `
  SELECT c.place::integer - 1 AS place, s.value, s.used
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[],
    $7::bigint[]) WITH ORDINALITY
    AS c (project, customer, scope, model_group, unit, window_start, window_end, place)
  CROSS JOIN LATERAL (
    SELECT v.value, sum(CASE c.unit ${OF_UNIT} END) AS used
    FROM ${LIVE_TABLES.totals} t
    CROSS JOIN LATERAL (SELECT CASE c.scope WHEN 'workspace' THEN t.workspace
      WHEN 'user' THEN t."user" WHEN 'role' THEN t.role END) AS v (value)
    WHERE t.project = c.project AND t.customer = c.customer
      AND t.quarter >= c.window_start AND t.quarter < c.window_end
      AND c.model_group IN ('*', t.model_group) AND v.value = ANY ($8::text[])
    GROUP BY v.value) s`;

/**
 * The sums of totals where more than a few values of a limit's scope are asked for at once: all
 * users of a customer cost one pass, not one each. In the order they were asked for; null: of so
 * few that whoever asks scans for them (USED_IN_WINDOW).
 */
export async function usedByMany(
  manager: EntityManager,
  asked: readonly UseAsked[],
): Promise<(number | null)[]> {
  if (asked.length <= FEW) return asked.map(() => null);
  const passes = new Map<string, UseAsked[]>();
  const passOfEach = asked.map((use) => {
    const pass = passOf(use);
    const those = passes.get(pass);
    if (those) those.push(use);
    else passes.set(pass, [use]);
    return pass;
  });
  const large = [...passes].filter(
    ([, [first, ...more]]) => first?.scope !== 'customer' && more.length >= FEW,
  );
  const sums = await sumsOf(manager, large);
  return asked.map(({ scopeValue }, n) => {
    const found = sums.get(passOfEach[n] ?? '');
    return found === undefined ? null : (found.get(scopeValue) ?? 0);
  });
}

/** By pass, then by value; a value that used nothing is not there. */
async function sumsOf(
  manager: EntityManager,
  passes: readonly (readonly [string, readonly UseAsked[]])[],
): Promise<Map<string, Map<string, number>>> {
  const sums = passes.map(([pass]) => [pass, new Map<string, number>()] as const);
  if (passes.length === 0) return new Map();
  const firsts = passes.map(([, [first]]) => first as UseAsked);
  const values = new Set(passes.flatMap(([, those]) => those.map(({ scopeValue }) => scopeValue)));
  const rows = await manager.query<{ place: number; value: string; used: string }[]>(
    USED_BY_VALUE,
    [
      firsts.map(({ project }) => project),
      firsts.map(({ customer }) => customer),
      firsts.map(({ scope }) => scope),
      firsts.map(({ modelGroup }) => modelGroup),
      firsts.map(({ unit }) => unit),
      firsts.map(({ window }) => window.from),
      firsts.map(({ window }) => window.to),
      [...values],
    ],
  );
  for (const { place, value, used } of rows) sums[place]?.[1].set(value, safeInteger(used));
  return new Map(sums);
}

const passOf = ({ project, customer, scope, modelGroup, unit, window }: UseAsked): string =>
  JSON.stringify([project, customer, scope, modelGroup, unit, window.from, window.to]);
