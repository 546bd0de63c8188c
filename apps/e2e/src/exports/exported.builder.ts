import { UNITS } from '@tallyward/domain';
import { clickHouseClient } from '@tallyward/platform';
import { NDJSON, residentBytes, type ExportedRow, type Service } from '@tallyward/testing';
import { get, type IncomingMessage } from 'node:http';
import type { Stack } from '../stack.builder';

const NEWLINE = 0x0a;
const MIB = 1_048_576;
const LOOK_EVERY_MS = 50;

/** Columns of the public views, by unit. */
export const SUMS_BY_SQL = UNITS.map((unit) => {
  return `sum(e.${unit.replace(/[A-Z]/g, (big) => `_${big.toLowerCase()}`)}) AS ${unit}`;
}).join(', ');

/** What people see by SQL: one row. */
export async function askReader(stack: Stack, query: string, bound: object): Promise<ExportedRow> {
  const url = stack.bed.clickhouse.reader;
  const reader = clickHouseClient({ url, application: 'spec', readonly: true });
  try {
    const query_params = bound as Record<string, unknown>;
    const answer = await reader.query({ query, query_params, format: 'JSONEachRow' });
    const [row] = await answer.json<ExportedRow>();
    if (row === undefined) throw new Error(`no row: ${query}`);
    return row;
  } finally {
    await reader.close();
  }
}

export interface ManyEvents {
  readonly project: string;
  readonly key: string;
  /** Epoch milliseconds of the first one; ten a second. */
  readonly from: number;
}

/** Events of a project of its own, put straight into the table: the log has none of them. */
export async function manyEvents(stack: Stack, count: number): Promise<ManyEvents> {
  const made = await stack.done<{ project: string; key: string }>('/v1/projects', {
    method: 'POST',
    body: { name: `many-${count}` },
  });
  const { project, key } = made;
  const from = Date.parse('2026-10-02T00:00:00Z');
  const clickhouse = clickHouseClient({ url: stack.bed.clickhouse.loader, application: 'spec' });
  try {
    await clickhouse.command({
      query: `INSERT INTO usage_events (project, customer, model, source, event_id, time, calls,
          \`partition\`, \`offset\`)
        SELECT {project: String}, 'acme', 'gpt-4o', 'spec', lower(hex(sipHash128(number))),
          fromUnixTimestamp64Milli({from: Int64} + toInt64(number) * 100), 1, 9, number
        FROM numbers({count: UInt64})`,
      query_params: { project, from, count },
    });
  } finally {
    await clickhouse.close();
  }
  return { project, key, from };
}

export function exportPath({ from }: ManyEvents, count: number): string {
  const to = new Date(from + count * 100).toISOString();
  return `/v1/exports/events?from=${new Date(from).toISOString()}&to=${to}`;
}

/** The answer as it begins; nobody reads it yet. */
export function opened(stack: Stack, path: string, key: string): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${key}`, accept: NDJSON };
  return new Promise((resolve, reject) => {
    const url = `${stack.gateways[0]?.url}${path}`;
    get(url, { headers, agent: false }, resolve).on('error', reject);
  });
}

/** Reads to the end; throws where the answer was cut. */
export async function linesOf(answer: IncomingMessage): Promise<number> {
  let lines = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    for (const byte of chunk) if (byte === NEWLINE) lines += 1;
  }
  return lines;
}

/** The most memory (MiB) that gateway and aggregator have while `work` runs. */
export async function peakDuring(stack: Stack, work: () => Promise<void>): Promise<Peak> {
  const services = { gateway: stack.gateways[0], aggregator: stack.aggregator };
  const peak: Peak = { gateway: 0, aggregator: 0 };
  const look = (): void => {
    for (const [name, service] of Object.entries(services) as [keyof Peak, Service][]) {
      peak[name] = Math.max(peak[name], (residentBytes(service.pid) ?? NaN) / MIB);
    }
  };
  const looking = setInterval(look, LOOK_EVERY_MS);
  try {
    await work();
    look();
  } finally {
    clearInterval(looking);
  }
  return peak;
}

export type Peak = Record<'gateway' | 'aggregator', number>;
