import {
  type QuotaAsk,
  quotaAsk,
  readLogEntry,
  topicConfigs,
  type TopicDeclaration,
  TOPICS,
} from '@tallyward/contracts';
import { type HoldToken, partitionKey, USAGE_PARTITIONS } from '@tallyward/domain';
import { type LogEntry, partitionOf } from '@tallyward/platform';
import { type Service, type Testbed, testbed } from '@tallyward/testing';
import { madeKey, projectOf } from '../gateway.builder';
import { openRealLog, type RealLog } from '../real-log.builder';
import { HoldTokens } from './hold-tokens';

const key = madeKey(['decide']);
const AWAY = 'http://127.0.0.1:1';
const used = { model: 'gpt-4o', inputTokens: 30, outputTokens: 10 };
const token: HoldToken = {
  hold: 81_207,
  gateway: 'gateway-3.x7k2m9',
  customer: 'acme',
  tier: { name: 'Professional', version: 3 },
  modelGroup: 'premium',
  estimate: { inputTokens: 60, maxOutputTokens: 40, images: 0, toolCalls: 0 },
  labels: { workspace: 'emea', user: '', role: '' },
  admittedAt: Date.now() - 2_000,
  expiresAt: Date.now() + 298_000,
  parts: [
    { lease: 1_000_007, amount: 1 },
    { lease: 1_000_008, amount: 100 },
  ],
};

let bed: Testbed;
let real: RealLog;
let gateways: [Service, Service];
let holdId: string;
beforeAll(async () => {
  bed = await testbed();
  real = await openRealLog(bed);
  const more: TopicDeclaration[] = [TOPICS.quotaAsks, TOPICS.quotaGrants, TOPICS.quotaDecisions];
  await real.log.admin.ensureTopics(
    more.map((topic) => ({ ...topic, configs: topicConfigs(topic) })),
  );
  await real.publish(projectOf('demo', [key]));
  const env = { TALLYWARD_ENTITLEMENT_URL: AWAY, TALLYWARD_AGGREGATOR_URL: AWAY };
  gateways = [await bed.spawnService('gateway', env), await bed.spawnService('gateway', env)];
  holdId = new HoldTokens(bed.internalSecret).sign(token, 'demo') ?? '';
}, 120_000);
afterAll(async () => {
  await real?.log.close();
  await bed?.close();
}, 60_000);

function post(gateway: Service, path: string, body?: object): Promise<Response> {
  return fetch(`${gateway.url}/v1/holds/${holdId}/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key.key}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(30_000),
  });
}

const place = (text: string) => partitionOf(text, USAGE_PARTITIONS);

/** What a topic has in the partition of the hold's customer. */
async function entriesOf(topic: string): Promise<[number, LogEntry[]]> {
  const partition = place(partitionKey('demo', token.customer));
  const to = (await real.log.admin.endOffsets(topic)).get(partition) ?? 0n;
  const entries: LogEntry[] = [];
  const onEntries = (more: LogEntry[]) => void entries.push(...more);
  if (to > 0n) await real.log.readRange({ topic, partition, from: 0n, to, onEntries });
  return [partition, entries];
}

it('a hold of a third gateway is released by a word in its customer’s partition of the asks', async () => {
  expect((await post(gateways[0], 'release')).status).toBe(204);
  const [, entries] = await entriesOf(TOPICS.quotaAsks.name);
  const words = entries.map(({ value }): QuotaAsk => {
    return quotaAsk.parse(JSON.parse(Buffer.from(value ?? []).toString()));
  });
  const { customer, gateway, hold } = token;
  expect(words).toEqual([{ type: 'hold.released', project: 'demo', customer, gateway, hold }]);
});

it('settled at two gateways it is one event in the log, with all that a fold needs', async () => {
  for (const gateway of gateways) {
    const settled = await post(gateway, 'settle', used);
    const eventId = 'gateway-3.x7k2m9.81207';
    expect([settled.status, await settled.json()]).toEqual([202, { eventId, aboveHold: false }]);
    expect((await post(gateway, 'release')).status).toBe(409);
  }
  const [partition, entries] = await entriesOf(TOPICS.usageEvents.name);
  const read = entries.map((entry) => readLogEntry({ ...entry, partition }, place));
  const hold = {
    number: token.hold,
    gateway: token.gateway,
    tier: token.tier,
    expiresAt: token.expiresAt,
    parts: [
      { lease: '1000007', amount: 1 },
      { lease: '1000008', amount: 100 },
    ],
  };
  const event = {
    source: 'hold',
    id: 'gateway-3.x7k2m9.81207',
    customer: 'acme',
    time: token.admittedAt,
    workspace: 'emea',
    amounts: { calls: 1, tokens: 40 },
    hold,
  };
  expect(read).toMatchObject([
    { kind: 'event', entry: { event } },
    { kind: 'event', entry: { event } },
  ]);
  const events = read.flatMap((one) => (one.kind === 'event' ? [one.entry.event] : []));
  expect(new Set(events.map(({ content }) => content)).size).toBe(1);
  expect(new Set(events.map((one) => one.hold?.settledBy)).size).toBe(2);
});
