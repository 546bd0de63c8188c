import { encodeLogEntry, LOG_ENTRY_TYPE, TOPICS, topicConfigs } from '@tallyward/contracts';
import type { LogEntry as UsageRecorded } from '@tallyward/contracts';
import { partitionKey } from '@tallyward/domain';
import {
  migrateClickHouse,
  openClickHouse,
  openLog,
  type Appender,
  type Entry,
  type Log,
  type LogLogger,
  type Place,
} from '@tallyward/platform';
import { until } from '@tallyward/testing';
import { createHash } from 'node:crypto';
import { CLICKHOUSE_MIGRATIONS, ensureDatabase, type ClickHouse } from '../storage/clickhouse';
import { openStorage, ProgressStore } from '../storage/postgres';
import type { LoadedLog } from './loaded-log';

const silent: LogLogger = { debug() {}, info() {}, warn() {}, error() {} };

const LANDED_WITHIN_MS = 60_000;

/** What a testbed gives of its engines. */
interface Engines {
  readonly namespace: string;
  readonly brokers: readonly string[];
  readonly postgres: { readonly aggregator: string };
  readonly clickhouse: { readonly loader: string };
  close(): Promise<void>;
}

/** Real engines with the log's topic and the aggregator's tables, and nothing running on them. */
export interface FoldBed<B extends Engines = Engines> {
  readonly bed: B;
  readonly log: Log;
  readonly appender: Appender;
  readonly clickhouse: ClickHouse;
  readonly postgres: Awaited<ReturnType<typeof openStorage>>;
  readonly lines: LogLogger;
  close(): Promise<void>;
}

export async function foldBed<B extends Engines>(bed: B): Promise<FoldBed<B>> {
  const log = openLog({
    brokers: [...bed.brokers],
    clientId: 'fold-bed',
    namespace: bed.namespace,
    logger: silent,
  });
  const folded = [TOPICS.usageEvents, TOPICS.quotaDecisions, TOPICS.billingRecords];
  await log.admin.ensureTopics(
    folded.map((topic) => {
      const { name, partitions } = topic;
      return { name, partitions, configs: topicConfigs(topic) };
    }),
  );
  const postgres = await openStorage(bed.postgres.aggregator, 'fold-bed', () => undefined);
  const url = bed.clickhouse.loader;
  await ensureDatabase(url, 'fold-bed');
  const clickhouse = await openClickHouse({ url, application: 'fold-bed' });
  await migrateClickHouse(clickhouse, CLICKHOUSE_MIGRATIONS);
  const appender = log.appender({
    partitions: Object.fromEntries(folded.map(({ name, partitions }) => [name, partitions])),
  });
  const close = async (): Promise<void> => {
    await log.close();
    await clickhouse.close();
    await postgres.destroy();
    await bed.close();
  };
  return { bed, log, appender, clickhouse, postgres, lines: silent, close };
}

export type GivenEntry = Partial<UsageRecorded>;

let made = 0;

/** The fact `usage.recorded`, plain where nothing is given. */
export function recorded(given: GivenEntry = {}): UsageRecorded {
  const time = given.time ?? Date.now() - 1_000;
  const fact = {
    project: 'demo',
    customer: 'acme',
    source: 'spec',
    id: `event-${++made}`,
    time,
    receivedAt: time + 5,
    catalogueVersion: 1,
    model: 'gpt-4o',
    modelGroup: 'standard',
    workspace: '',
    user: '',
    role: '',
    inputTokens: 10,
    outputTokens: 5,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    images: 0,
    toolCalls: 0,
    tags: {},
    ...given,
  };
  const content = createHash('sha256').update(JSON.stringify(fact)).digest('hex');
  return { ...fact, content: given.content ?? content };
}

export function entryOf(fact: UsageRecorded, headers: Record<string, string> = {}): Entry {
  return {
    key: partitionKey(fact.project, fact.customer),
    value: encodeLogEntry(fact),
    headers: { ce_type: LOG_ENTRY_TYPE, ...headers },
  };
}

/** Appends, and answers each entry's place; an append that isn't acked fails the spec. */
export function appended(appender: Appender, entries: Entry[]): Promise<Place[]> {
  return appendedTo(TOPICS.usageEvents.name, appender, entries);
}

export async function appendedTo(
  topic: string,
  appender: Appender,
  entries: Entry[],
): Promise<Place[]> {
  const outcomes = await appender.append(topic, entries);
  return outcomes.map((outcome) => {
    if (outcome.kind !== 'acked') throw new Error(`append: ${JSON.stringify(outcome)}`);
    return outcome.place;
  });
}

/** Waits until the warehouse has the log as it ends now. */
export async function landed(
  { log, postgres }: FoldBed,
  { fold, topic }: Pick<LoadedLog, 'fold' | 'topic'>,
): Promise<void> {
  const store = new ProgressStore(postgres);
  const ends = await log.admin.endOffsets(topic);
  await until(
    async () =>
      (await store.progress(fold)).every((one) => one.landed >= (ends.get(one.partition) ?? 0n)),
    { what: `the warehouse to have ${topic}`, withinMs: LANDED_WITHIN_MS },
  );
}

export type ViewRow = Readonly<Record<string, unknown>>;

/** What anybody reads by SQL; 64-bit numbers as numbers. */
export async function viewRows(
  { clickhouse }: FoldBed,
  view: string,
  orderBy: string,
): Promise<ViewRow[]> {
  const answer = await clickhouse.query({
    query: `SELECT * FROM ${view} AS v ORDER BY ${orderBy}`,
    format: 'JSONEachRow',
    clickhouse_settings: {
      date_time_output_format: 'iso',
      output_format_json_quote_64bit_integers: 0,
    },
  });
  return answer.json<ViewRow>();
}

export interface Row {
  readonly partition: number;
  readonly offset: string;
  readonly event_id: string;
  readonly customer: string;
  readonly tokens: number;
}

/** What reports read, by place in the log. */
export async function rowsOf(clickhouse: ClickHouse): Promise<Row[]> {
  const answer = await clickhouse.query({
    query: `SELECT partition, toString(offset) AS offset, event_id, customer, tokens
            FROM usage_events_v1 ORDER BY partition, usage_events_v1.offset`,
    format: 'JSONEachRow',
  });
  return answer.json<Row>();
}
