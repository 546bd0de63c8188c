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

describe('usage that is refused', () => {
  it('names each refused event of a batch and takes the others', async () => {
    const now = Date.now();
    const at = (ms: number) => new Date(now + ms).toISOString();
    const { id: _, ...withoutId } = usageEvent();
    const answer = await post([
      usageEvent({ id: 'fine' }),
      usageEvent({ id: 'no-time', time: undefined }),
      usageEvent({ id: 'old', time: at(-35 * 86_400_000 - 10_000) }),
      usageEvent({ id: 'ahead', time: at(5 * 60_000 + 10_000) }),
      usageEvent({ id: 'other', type: 'llm.other.v1' }),
      withoutId,
      'no object',
      usageEvent({ id: 'base64', data_base64: 'e30=' }),
      usageEvent({ id: 'xml', datacontenttype: 'application/xml' }),
      usageEvent({ id: 'settled', source: 'hold' }),
      usageEvent({ id: 'edge', time: at(-35 * 86_400_000 + 60_000) }),
    ]);
    expect(answer).toMatchObject({
      status: 202,
      body: {
        accepted: 2,
        rejected: [
          { index: 1, id: 'no-time', code: 'time-missing' },
          { index: 2, id: 'old', code: 'event-too-old' },
          { index: 3, id: 'ahead', code: 'event-in-future' },
          { index: 4, id: 'other', code: 'event-type-unknown' },
          { index: 5, id: null, code: 'event-invalid' },
          { index: 6, id: null, code: 'event-invalid' },
          { index: 7, id: 'base64', code: 'event-invalid' },
          { index: 8, id: 'xml', code: 'event-invalid' },
          { index: 9, id: 'settled', code: 'source-reserved' },
        ],
      },
    });
    expect(entries().map(({ entry }) => entry['id'])).toEqual(['fine', 'edge']);
  });

  it('answers 422 where no event was accepted, with the reasons', async () => {
    expect(await post(usageEvent({ time: '2026-02-30T00:00:00Z' }))).toMatchObject({
      status: 422,
      body: {
        code: 'events-rejected',
        errors: [{ index: 0, id: 'call-1', code: 'event-invalid' }],
      },
    });
    expect(await post([usageEvent({ time: null })])).toMatchObject({
      status: 422,
      body: { errors: [{ code: 'time-missing' }] },
    });
    expect(await post([])).toMatchObject({ status: 422, body: { code: 'invalid' } });
    expect(gateway.log.appended).toEqual([]);
  });

  it.each([
    ['negative', { inputTokens: -1 }],
    ['fractional', { outputTokens: 1.5 }],
    ['huge', { images: 1_000_000_001 }],
    ['text', { inputTokens: '7' }],
    ['of an unknown name', { inputToken: 7 }],
    ['without a model', { model: undefined }],
    ['with too many tags', { tags: Object.fromEntries([...Array(21).keys()].map((n) => [n, ''])) }],
    ['with a tag that is no text', { tags: { a: 1 } }],
    ['with an empty user', { user: '' }],
    ['with NUL in a name', { role: 'a\0b' }],
    ['with a lone surrogate', { workspace: '\ud800' }],
  ])('says what is wrong with data that is %s', async (_name, more) => {
    const answer = await post(usageEvent({ data: { model: 'gpt-4o', ...more } }));
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ code: 'event-invalid' }] } });
    expect(String(answer.body.errors?.[0]?.['detail'])).toMatch(/^data/);
  });

  it.each([
    ['no JSON', '{"id":', 400],
    ['nothing', '', 400],
    ['a number', '12', 422],
    ['one member twice', '{"id":"a","id":"b"}', 400],
    ['an escaped member twice', String.raw`{"id":"a","\u0069d":"b"}`, 400],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400],
    ['six levels', JSON.stringify(usageEvent({ deep: [[[[[]]]]] })), 400],
    ['100,000 levels', '['.repeat(100_000), 400],
    ['an array', '[]', 422],
  ])('answers a body of %s with what is wrong', async (_name, body, status) => {
    const answer = await post(body as string, { 'content-type': STRUCTURED });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status });
    expect(gateway.log.appended).toEqual([]);
  });

  it('takes an event of five levels, alone and in a batch', async () => {
    const deep = usageEvent({ deep: [[[[]]]] });
    expect(await post(deep)).toMatchObject({ status: 202 });
    expect(await post([deep])).toMatchObject({ status: 202 });
    expect(await post([usageEvent({ deep: [[[[[]]]]] })])).toMatchObject({ status: 400 });
  });

  it('keeps no member that would change what an object is', async () => {
    const text = JSON.stringify(usageEvent());
    const inTags = text.replace('"tags":{', '"tags":{"__proto__":"x",');
    const inData = text.replace('"data":{', '"data":{"__proto__":{"inputTokens":1},');
    const inEvent = text.replace('{', '{"__proto__":{"subject":"other"},');
    expect(await post(inTags)).toMatchObject({ status: 422 });
    expect(await post(inData)).toMatchObject({ status: 422 });
    expect(await post(inEvent)).toMatchObject({ status: 202 });
    expect(entries()[0]?.entry).toMatchObject({ customer: 'acme', inputTokens: 374 });
  });

  it('refuses too many events and too large bodies as a whole', async () => {
    const thousand = Array.from({ length: 1_001 }, (_, n) => ({ id: n }));
    expect(await post(thousand)).toMatchObject({ status: 413, body: { code: 'too-many-events' } });
    const large = usageEvent({ padding: 'x'.repeat(1_048_576) });
    expect(await post(large)).toMatchObject({ status: 413, body: { code: 'body-too-large' } });
  });

  it('takes 1,000 events at once', async () => {
    const many = Array.from({ length: 1_000 }, (_, n) => usageEvent({ id: `call-${n}` }));
    expect(await post(many)).toMatchObject({ status: 202, body: { accepted: 1_000 } });
  });

  it.each([
    ['application/json'],
    ['text/plain'],
    ['application/cloudevents+json; charset=latin1'],
    ['application/cloudevents+xml'],
  ])('says what to send instead of %s', async (type) => {
    const answer = await post(JSON.stringify(usageEvent()), { 'content-type': type });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported-media-type' } });
    expect(answer.body['detail']).toContain('application/cloudevents-batch+json');
  });

  it.each([['%zz'], ['%ff'], ['100%']])('refuses the header value %s', async (id) => {
    const answer = await post({ model: 'x' }, { 'content-type': 'application/json', 'ce-id': id });
    expect(answer).toMatchObject({ status: 400 });
    expect(answer.body['detail']).toContain('ce-id');
  });
});
