import { encodeLogEntry, logEntry, readLogEntry } from '@tallyward/contracts';
import { partitionOf } from '@tallyward/platform';
import { CloudEvent, HTTP } from 'cloudevents';
import { gzipSync } from 'node:zlib';
import {
  madeKey,
  projectOf,
  startTestGateway,
  type TestGateway,
  usageEvent,
} from '../gateway.builder';
import { entriesOf, STRUCTURED, sendUsage } from './send-usage.builder';

let gateway: TestGateway;
const ingest = madeKey(['ingest']);
const post = (body: unknown, headers: Record<string, string> = {}) =>
  sendUsage(gateway, ingest, body, headers);
const entries = () => entriesOf(gateway);

beforeAll(async () => {
  gateway = await startTestGateway();
  gateway.log.snapshot('p:demo', projectOf('demo', [ingest]));
  gateway.log.catchUp();
});
afterAll(() => gateway.close());
beforeEach(() => gateway.log.appended.splice(0));

describe('usage in', () => {
  it('takes one event, stamped with all that a fold needs', async () => {
    const event = usageEvent();
    expect(await post(event)).toMatchObject({ status: 202, body: { accepted: 1, rejected: [] } });
    const [made] = entries();
    expect(made).toMatchObject({
      key: 'demo:acme',
      entry: {
        project: 'demo',
        customer: 'acme',
        source: 'chat-app',
        id: 'call-1',
        time: Date.parse(event.time),
        catalogueVersion: 1,
        model: 'gpt-4o',
        modelGroup: 'premium',
        inputTokens: 374,
        cacheReadTokens: 0,
        workspace: '',
        tags: { feature: 'summarise' },
      },
      headers: { ce_id: 'call-1', ce_type: 'usage.recorded.v1', ce_subject: 'acme' },
    });
    expect(Math.abs(Number(made?.entry['receivedAt']) - Date.now())).toBeLessThan(5_000);
  });

  it('writes what both folds read as an event', async () => {
    await post([
      usageEvent(),
      usageEvent({ id: 'ünïcode/%', subject: 'a/b ü', data: { model: 'x' } }),
    ]);
    for (const { key, value } of gateway.log.appended) {
      const bytes = Buffer.from(String(value));
      const partition = partitionOf(key, 12);
      const raw = { partition, offset: 1n, appendedAt: Date.now(), key, value: bytes };
      expect(readLogEntry(raw, (k) => partitionOf(k, 12))).toMatchObject({ kind: 'event' });
      expect(encodeLogEntry(logEntry.parse(JSON.parse(String(value))))).toBe(String(value));
    }
    expect(gateway.log.appended).toHaveLength(2);
  });

  it('takes what the CloudEvents SDK sends, in every mode, as the same content', async () => {
    const event = new CloudEvent({
      id: 'sdk "1" 100% ü',
      source: 'https://app/chat',
      type: 'llm.usage.v1',
      subject: 'acme',
      time: new Date(Date.now() - 1_000).toISOString(),
      datacontenttype: 'application/json',
      sampled: 1,
      data: { model: 'gpt-4o', inputTokens: 7 },
    });
    const structured = HTTP.structured(event);
    await post(structured.body, { 'content-type': String(structured.headers['content-type']) });
    await post([event.toJSON()]);
    const headers = Object.fromEntries(
      Object.entries(HTTP.binary(event).headers).flatMap(([name, value]) =>
        name.startsWith('ce-') ? [[name, encodeURIComponent(String(value))]] : [],
      ),
    );
    await post(event.data, { ...headers, 'content-type': 'application/json' });
    const contents = entries().map(({ entry }) => entry['content']);
    expect(contents).toHaveLength(3);
    expect(new Set(contents).size).toBe(1);
    expect(entries()[2]?.entry).toMatchObject({ id: 'sdk "1" 100% ü', source: 'https://app/chat' });
  });

  it('tells a resend from other content, whatever the order of the members', async () => {
    const event = usageEvent();
    await post([
      event,
      Object.fromEntries(Object.entries(event).reverse()),
      { ...event, datacontenttype: 'application/json', dataschema: null },
      { ...event, data: { ...event.data, inputTokens: 375 } },
      { ...event, sampled: true },
    ]);
    const [first, ...others] = entries().map(({ entry }) => entry['content']);
    expect(others.map((content) => content === first)).toEqual([true, true, false, false]);
  });

  it('puts a model that nobody registered into the group unclassified', async () => {
    for (const model of ['nobody-knows', 'constructor', '__proto__']) {
      await post(usageEvent({ data: { model } }));
    }
    expect(entries().map(({ entry }) => entry['modelGroup'])).toEqual(
      Array(3).fill('unclassified'),
    );
  });

  it('takes gzip, up to the same size once it is undone', async () => {
    const gzip = { 'content-encoding': 'gzip', 'content-type': STRUCTURED };
    const event = gzipSync(JSON.stringify(usageEvent()));
    expect(await post(event, gzip)).toMatchObject({ status: 202 });
    const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
    expect(await post(bomb, gzip)).toMatchObject({ status: 413, body: { code: 'body-too-large' } });
    expect(await post(event.subarray(0, 40), gzip)).toMatchObject({ status: 400 });
    expect(await post(event, { ...gzip, 'content-encoding': 'br' })).toMatchObject({ status: 415 });
  });
});
