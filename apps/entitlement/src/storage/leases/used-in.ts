import type { EntityManager } from 'typeorm';
import { safeInteger } from '../safe-integer';
import { USED_IN_WINDOW, type UseAsked, usedByMany } from './used-by-many';

/** The sums of totals, in the order they were asked for. */
export async function usedIn(
  manager: EntityManager,
  asked: readonly UseAsked[],
): Promise<number[]> {
  const known = await usedByMany(manager, asked);
  const rest = asked.filter((_, n) => known[n] === null);
  const scanned = (await usedByEach(manager, rest)).values();
  return known.map((used) => used ?? scanned.next().value ?? 0);
}

async function usedByEach(manager: EntityManager, asked: readonly UseAsked[]): Promise<number[]> {
  if (asked.length === 0) return [];
  const rows = await manager.query<{ used: string }[]>(
    `SELECT (${USED_IN_WINDOW}) AS used
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
       $7::bigint[], $8::bigint[]) WITH ORDINALITY AS c (project, customer, scope, scope_value,
         model_group, unit, window_start, window_end, place)
     ORDER BY c.place`,
    [
      asked.map(({ project }) => project),
      asked.map(({ customer }) => customer),
      asked.map(({ scope }) => scope),
      asked.map(({ scopeValue }) => scopeValue),
      asked.map(({ modelGroup }) => modelGroup),
      asked.map(({ unit }) => unit),
      asked.map(({ window }) => window.from),
      asked.map(({ window }) => window.to),
    ],
  );
  return rows.map(({ used }) => safeInteger(used));
}
