import { testbed, type Testbed, until } from '@tallyward/testing';
import { adminOf, entitlementOn, type EntitlementUnderTest } from './entitlement.builder';
import { topicReader, type TopicReader } from './publish-facts/topic-reader.builder';
import { ANSWER_DEADLINE_MS } from './storage/bounded';
import { openStorage } from './storage/data-source';

/** What a busy machine may add to a deadline; without one, no answer would come at all. */
const BUSY_MS = 10_000;

let bed: Testbed;
let service: EntitlementUnderTest;
let reader: TopicReader;

beforeAll(async () => {
  bed = await testbed({ own: ['kafka', 'postgres'] });
  service = await entitlementOn(bed);
  reader = await topicReader(bed);
});

afterAll(async () => {
  await reader?.close();
  await service?.close();
  await bed?.close();
});

const ready = async (): Promise<number> => (await fetch(`${service.address}/readyz`)).status;

async function timed<T>(work: Promise<T>): Promise<{ answer: T; ms: number }> {
  const began = Date.now();
  return { answer: await work, ms: Date.now() - began };
}

describe('while Kafka is away', () => {
  it('changes are stored and answered, wait in the outbox, and come out in order afterwards', async () => {
    const { project } = await service.newProject();
    const as = adminOf(project);
    await until(() => reader.last(project), { what: 'the first snapshot' });
    await bed.stop('kafka');
    for (const model of ['a', 'b']) {
      const put = await service.ask(`PUT /v1/models/${model}`, { as, body: { group: 'premium' } });
      expect(put.status).toBe(200);
    }
    expect((await service.ask('GET /v1/models/b', { as })).status).toBe(200);
    await until(async () => (await ready()) === 503, { what: 'it not to be ready' });
    await bed.start('kafka');
    await until(() => reader.last(project)?.version === 3, {
      what: 'the changes to be published',
      withinMs: 40_000,
    });
    expect(reader.last(project)?.models).toEqual({ a: 'premium', b: 'premium' });
    await until(async () => (await ready()) === 200, { what: 'it to be ready', withinMs: 40_000 });
  }, 150_000);
});

describe('while Postgres', () => {
  it('is slow, an answer comes within the deadline, and nothing is half done', async () => {
    const { project } = await service.newProject();
    const as = adminOf(project);
    const postgres = await openStorage(bed.postgres.entitlement, 'spec', () => undefined);
    const blocker = postgres.createQueryRunner();
    await blocker.connect();
    await blocker.startTransaction();
    await blocker.query('LOCK TABLE project, api_key IN ACCESS EXCLUSIVE MODE');
    const put = await timed(
      service.ask('PUT /v1/models/m', {
        as,
        body: { group: 'premium' },
        headers: { 'idempotency-key': 'k' },
      }),
    );
    const get = await timed(service.ask('GET /v1/keys', { as }));
    for (const { answer, ms } of [put, get]) {
      expect(answer).toMatchObject({ status: 503, body: { code: 'service-unavailable' } });
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(ms).toBeLessThan(ANSWER_DEADLINE_MS + BUSY_MS);
    }
    await blocker.rollbackTransaction();
    await blocker.release();
    await postgres.destroy();
    expect((await service.ask('GET /v1/models/m', { as })).status).toBe(404);
    const again = await service.ask('PUT /v1/models/m', {
      as,
      body: { group: 'premium' },
      headers: { 'idempotency-key': 'k' },
    });
    expect(again.status).toBe(200);
    expect(again.headers.get('idempotent-replayed')).toBeNull();
  }, 60_000);

  it('is away, management answers 503; when it is back, all works without a restart', async () => {
    const { project } = await service.newProject();
    const as = adminOf(project);
    await bed.stop('postgres');
    for (const [line, body] of [
      ['PUT /v1/models/m', { group: 'premium' }],
      ['POST /v1/keys', { name: 'k', scopes: ['read'] }],
      ['GET /v1/keys', undefined],
      ['GET /v1/settings', undefined],
      ['GET /v1/quarantine', undefined],
    ] as const) {
      const { answer, ms } = await timed(service.ask(line, { as, body }));
      expect(`${line} ${answer.status}`).toBe(`${line} 503`);
      expect(JSON.stringify(answer.body)).not.toContain('127.0.0.1');
      expect(ms).toBeLessThan(ANSWER_DEADLINE_MS + BUSY_MS);
    }
    expect(await ready()).toBe(503);
    expect((await fetch(`${service.address}/healthz`)).status).toBe(200);
    await bed.start('postgres');
    const put = await until(
      async () => {
        const answer = await service.ask('PUT /v1/models/m', { as, body: { group: 'premium' } });
        return answer.status === 200 ? answer : null;
      },
      { what: 'a change to be taken', withinMs: 40_000 },
    );
    expect(put.headers.get('x-tallyward-project-version')).toBe(`${project}@2`);
    await until(() => reader.last(project)?.version === 2, {
      what: 'the relay to have its session again',
      withinMs: 40_000,
    });
    await until(async () => (await ready()) === 200, { what: 'it to be ready', withinMs: 40_000 });
  }, 150_000);
});

describe('the log of lines, at trace', () => {
  it('holds no secret and no hash, whatever was asked and whatever failed', async () => {
    const { project, key } = await service.newProject();
    const as = adminOf(project);
    const never = [key.split('_')[2] as string, bed.internalSecret, 'secret-idempotency-key'];
    const headers = { 'idempotency-key': 'secret-idempotency-key' };
    const made = await service.ask('POST /v1/keys', {
      as,
      body: { name: 'app', scopes: ['read'] },
      headers,
    });
    never.push(String(made.body.key).split('_')[2] as string);
    const id = String(made.body.id);
    const rotated = await service.ask(`POST /v1/keys/${id}/rotate`, { as });
    never.push(String(rotated.body.key).split('_')[2] as string);
    const postgres = await openStorage(bed.postgres.entitlement, 'spec', () => undefined);
    await postgres.query(`ALTER TABLE api_key ADD CONSTRAINT no_boom CHECK (name <> 'boom')`);
    const broken = await service.ask('POST /v1/keys', {
      as,
      body: { name: 'boom', scopes: ['read'] },
      headers,
    });
    expect([422, 500]).toContain(broken.status);
    const failed = await service.ask('POST /v1/keys', {
      as,
      body: { name: 'boom', scopes: ['read'] },
    });
    expect(failed.status).toBe(500);
    expect(JSON.stringify(failed.body)).not.toContain('no_boom');
    await postgres.query('ALTER TABLE api_key DROP CONSTRAINT no_boom');
    const hashes = (await postgres.query('SELECT hash FROM api_key')) as { hash: string }[];
    await postgres.destroy();
    never.push(...hashes.map(({ hash }) => hash), new URL(bed.postgres.entitlement).password);
    const text = service.lines.join('');
    expect(text).toContain('a request failed');
    for (const secret of never) expect(text.includes(secret)).toBe(false);
    expect(text).not.toMatch(/eyJ[A-Za-z0-9_-]{8,}\./);
    // Nor the hash of the key that could not be made.
    expect(text.match(/[0-9a-f]{64}/)?.[0]).toBeUndefined();
  });
});
