import { UNITS } from '@tallyward/domain';
import { signCaller } from '@tallyward/platform';
import type { Testbed } from '@tallyward/testing';
import { foldBed, type FoldBed } from '../load-warehouse/fold-bed.builder';
import { UNIT_COLUMNS } from '../storage/clickhouse/columns';
import { USAGE_EVENTS } from '../storage/clickhouse/usage-events.table';

export const OCTOBER = 'from=2026-10-01T00:00:00Z&to=2026-11-01T00:00:00Z';

export type Asking = ReturnType<typeof asking>;

/** The aggregator on real engines, and who asks it. */
export async function exportBed(
  engines: Testbed,
): Promise<{ bed: FoldBed<Testbed>; ask: Asking; pid: number }> {
  const bed = await foldBed(engines);
  const service = await engines.spawnService('aggregator');
  return { bed, ask: asking(service.url, engines.internalSecret), pid: service.pid };
}

/** Rows of one project, ten a second from October 2 on. */
export async function insertMany(bed: FoldBed, project: string, count: number): Promise<void> {
  await bed.clickhouse.command({
    query: `INSERT INTO ${USAGE_EVENTS} (project, customer, model, source, event_id, time, calls,
        \`partition\`, \`offset\`)
      SELECT {project:String}, 'acme', 'gpt-4o', 'spec', toString(generateUUIDv4()),
        toDateTime64('2026-10-02 00:00:00', 3, 'UTC') + intDiv(number, 10), 1, 9, number
      FROM numbers({count:UInt64})`,
    query_params: { project, count },
  });
}

/** Of an answer that must be a good one. */
export async function textOf(asked: Promise<Response>): Promise<string> {
  const answer = await asked;
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
}

/** Asks as the gateway does: for one project, with its caller signed. */
function asking(url: string, secret: string) {
  return (project: string, path: string, accept = 'application/json', signal?: AbortSignal) => {
    const who = { project, scopes: ['read'], keyId: 'k', actor: 'spec', operator: false };
    const headers = { 'x-tallyward-caller': signCaller(who, secret), accept };
    return fetch(`${url}${path}`, { headers, signal: signal ?? null });
  };
}

/** The same sums, by SQL over the public view. */
export const SUMS_BY_SQL = `SELECT ${UNITS.map(
  (unit) => `sum(e.${UNIT_COLUMNS[unit]}) AS ${unit}`,
).join(', ')} FROM usage_events_v1 AS e`;
