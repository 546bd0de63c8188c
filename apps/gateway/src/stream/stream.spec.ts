import { TOPICS } from '@tallyward/contracts';
import { setTimeout as pause } from 'node:timers/promises';
import { madeKey, projectOf, startTestGateway, type TestGateway } from '../gateway.builder';
import { MOST_STREAMS } from './change-feed';

let gateway: TestGateway;
const reader = madeKey(['read']);
const admin = madeKey(['admin']);
const foreign = madeKey(['read']);
const ingest = madeKey(['ingest']);
const opened: AbortController[] = [];

beforeEach(async () => {
  gateway = await startTestGateway();
  gateway.log.snapshot('p:demo', projectOf('demo', [reader, admin, ingest]));
  gateway.log.snapshot('p:other', projectOf('other', [foreign]));
  gateway.log.catchUp();
});
afterEach(async () => {
  for (const one of opened.splice(0)) one.abort();
  await gateway.close();
});

/** An open stream: the kinds it was told of so far, and whether it has ended. */
async function open(key: string) {
  const control = new AbortController();
  opened.push(control);
  const answer = await fetch(`${gateway.url}/v1/stream`, {
    headers: { authorization: `Bearer ${key}` },
    signal: control.signal,
  });
  const seen = { answer, told: [] as string[][], ended: false };
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      for (const [, data = ''] of decoder.decode(chunk).matchAll(/^data: (.*)$/gm)) {
        seen.told.push((JSON.parse(data) as { kinds: string[] }).kinds);
      }
    }
    seen.ended = true;
  };
  if (answer.ok) void read().catch(() => (seen.ended = true));
  return seen;
}

const until = async (holds: () => boolean): Promise<void> => {
  const deadline = Date.now() + 10_000;
  while (!holds() && Date.now() < deadline) await pause(20);
  expect(holds()).toBe(true);
};
const fact = (key: string, type: string) => ({ key, type });
const put = ({ key, type }: { key: string; type: string }) =>
  gateway.log.put(TOPICS.facts.name, key, {}, { ce_type: `${type}.v1` });

async function tokenFor(customer: string): Promise<string> {
  const answer = await fetch(`${gateway.url}/v1/customers/${customer}/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin.key}`, 'content-type': 'application/json' },
    body: '{}',
  });
  return ((await answer.json()) as { token: string }).token;
}

describe('the stream of changes', () => {
  it('tells a project what has changed in it, and of no other', async () => {
    const [mine, theirs] = [await open(reader.key), await open(foreign.key)];
    expect(mine.answer.headers.get('content-type')).toContain('text/event-stream');
    gateway.log.put(TOPICS.usageEvents.name, 'demo:acme', {});
    gateway.log.put(TOPICS.quotaDecisions.name, 'demo:acme', {});
    for (const one of [
      ...[fact('demo', 'key.created'), fact('demo', 'model.grouped')],
      ...[fact('demo', 'settings.changed'), fact('demo:Gold', 'tier.edited')],
      ...[fact('demo:acme', 'customer.changed'), fact('demo:acme', 'billing.held-back')],
    ]) {
      put(one);
    }
    gateway.log.put(TOPICS.billingRecords.name, 'other:acme', {});
    await until(() => mine.told.length > 0 && theirs.told.length > 0);
    expect(mine.told[0]).toEqual([
      ...['usage', 'decisions', 'customers', 'tiers', 'settings', 'keys', 'models', 'billing'],
    ]);
    expect(theirs.told[0]).toEqual(['billing']);
  });

  it('tells a customer’s token of its own customer alone', async () => {
    const acme = await open(await tokenFor('acme'));
    gateway.log.put(TOPICS.usageEvents.name, 'demo:rival', {});
    gateway.log.put(TOPICS.usageEvents.name, 'other:acme', {});
    put(fact('demo:acme', 'tier.edited'));
    put(fact('demo', 'key.created'));
    gateway.log.put(TOPICS.quotaDecisions.name, 'demo:acme', {});
    await until(() => acme.told.length > 0);
    expect(acme.told).toEqual([['decisions']]);
  });

  it('goes on where a topic could not be read at first', async () => {
    gateway.log.unread.add(TOPICS.facts.name);
    const mine = await open(reader.key);
    await until(() => !gateway.log.unread.has(TOPICS.facts.name));
    await until(() => gateway.lines.some((line) => line.includes('changes can not be told of')));
    await until(() => {
      put(fact('demo', 'key.created'));
      return mine.told.length > 0;
    });
    expect(mine.told).toEqual([['keys']]);
  });

  it('ends when its credential does', async () => {
    const token = await tokenFor('acme');
    const [mine, acme] = [await open(reader.key), await open(token)];
    gateway.log.snapshot('p:demo', projectOf('demo', [ingest], 2));
    await until(() => mine.ended && acme.ended);
  });

  it('is refused without the scope, and beyond what one gateway keeps open', async () => {
    expect((await open(ingest.key)).answer.status).toBe(403);
    expect((await open('nonsense')).answer.status).toBe(401);
    const refused = opened.length;
    const streams = await Promise.all(Array.from({ length: MOST_STREAMS }, () => open(reader.key)));
    expect(streams.every(({ answer }) => answer.status === 200)).toBe(true);
    const more = await open(reader.key);
    expect(more.answer.status).toBe(503);
    expect(more.answer.headers.get('retry-after')).toBe('30');
    opened[refused]?.abort();
    await until(() => streams[0]?.ended === true);
    const deadline = Date.now() + 5_000;
    let status = 503;
    while (status === 503 && Date.now() < deadline) ({ status } = (await open(reader.key)).answer);
    expect(status).toBe(200);
  });
});
