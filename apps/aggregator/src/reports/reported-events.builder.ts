import { openClickHouse, migrateClickHouse } from '@tallyward/platform';
import { amountsOf, type LoggedEvent, type UsageEvent } from '@tallyward/domain';
import type { ClickHouseClient } from '@clickhouse/client';
import { testbed } from '@tallyward/testing';
import fc from 'fast-check';
import { usageRow } from '../load-warehouse/usage-row';
import { CLICKHOUSE_MIGRATIONS } from '../storage/clickhouse';
import { insertSettings, insertStatement } from '../storage/clickhouse/row.insert';

/** The first event is not before it, the last one before `START + SPAN_MS`; epoch ms. */
export const START = Date.parse('2026-10-24T20:00:00Z');
export const SPAN_MS = 3 * 86_400_000;
const EVENTS = 600;

/** Events of two projects, the same ones each time, as ClickHouse has them once loaded. */
export interface ReportedEvents {
  readonly events: readonly LoggedEvent[];
  readonly clickhouse: ClickHouseClient;
  close(): Promise<void>;
}

export async function reportedEvents(): Promise<ReportedEvents> {
  const bed = await testbed();
  const clickhouse = await openClickHouse({ url: bed.clickhouse.loader, application: 'spec' });
  await migrateClickHouse(clickhouse, CLICKHOUSE_MIGRATIONS);
  const events = seededEvents();
  for (const partition of [0, 1]) {
    const range = { topicIdentity: 'spec', partition, from: 0n, to: BigInt(EVENTS) };
    const rows = events.filter((entry) => entry.partition === partition).map(usageRow);
    await clickhouse.command({
      query: insertStatement('usage_events', range, rows.join('\n')),
      clickhouse_settings: insertSettings(range),
    });
  }
  const close = async (): Promise<void> => {
    await clickhouse.close();
    await bed.close();
  };
  return { events, clickhouse, close };
}

function seededEvents(): LoggedEvent[] {
  const numbers = fc.infiniteStream(fc.nat({ max: 2 ** 31 - 1 }));
  const seeded = fc.sample(numbers, { seed: 42, numRuns: 1 })[0]!;
  const random = (below: number): number => (seeded.next().value as number) % below;
  return Array.from({ length: EVENTS }, (_, n) => eventAt(n, random));
}

function eventAt(n: number, random: (below: number) => number): LoggedEvent {
  const event: UsageEvent = {
    project: random(10) === 0 ? 'other' : 'demo',
    customer: `c${random(3)}`,
    source: `s${random(2)}`,
    id: `e${n}`,
    time: START + random(SPAN_MS),
    receivedAt: START,
    catalogueVersion: 1,
    content: '',
    model: `m${random(3)}`,
    modelGroup: `g${random(2)}`,
    workspace: ['', 'emea', "o'brien"][random(3)] ?? '',
    user: ['', 'ü', 'u$d$'][random(3)] ?? '',
    role: '',
    hold: null,
    tags: random(2) === 0 ? { feature: `f${random(2)}` } : {},
    amounts: amountsOf({
      inputTokens: random(1000),
      outputTokens: random(1000),
      cacheReadTokens: random(3),
      cacheWriteTokens: random(3),
      reasoningTokens: random(3),
      images: random(3),
      toolCalls: random(3),
    }),
  };
  return { partition: random(2), offset: BigInt(n), appendedAt: START, event };
}
