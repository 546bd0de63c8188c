import { parseApiKey } from '@tallyward/contracts';
import { testbed, type Testbed } from '@tallyward/testing';
import { openStorage } from '../storage/data-source';
import { parkEntries } from '../storage/quarantine/park-entries';
import {
  adminOf,
  entitlementOn,
  type EntitlementUnderTest,
  OPERATOR,
} from '../entitlement.builder';

type Postgres = Awaited<ReturnType<typeof openStorage>>;

let bed: Testbed;
let service: EntitlementUnderTest;
let postgres: Postgres;

beforeAll(async () => {
  bed = await testbed();
  service = await entitlementOn(bed);
  postgres = await openStorage(bed.postgres.entitlement, 'spec', () => undefined);
});

afterAll(async () => {
  await postgres?.destroy();
  await service?.close();
  await bed?.close();
});

/** Everything that is stored of a project, as text. */
async function storedOf(project: string): Promise<string> {
  const tables = ['project', 'api_key', 'model', 'model_group', 'audit_fact'];
  const rows = await Promise.all(
    tables.map((table) =>
      postgres.query(`SELECT * FROM ${table} WHERE project = $1 ORDER BY 1, 2, 3`, [project]),
    ),
  );
  return JSON.stringify(rows);
}

// I11, over every route: what one project asks neither shows nor changes anything of another.
describe('two projects that use the same names', () => {
  it('neither see nor change each other’s', async () => {
    const [mine, theirs] = [await service.newProject('Mine'), await service.newProject('Theirs')];
    const [me, them] = [adminOf(mine.project), adminOf(theirs.project)];
    await service.ask('PUT /v1/models/shared', { as: them, body: { group: 'premium' } });
    await service.ask('PUT /v1/model-groups/secret', { as: them, body: { defaultModel: null } });
    await service.ask('PUT /v1/settings', { as: them, body: { timeZone: 'Asia/Tokyo' } });
    const { body: key } = await service.ask('POST /v1/keys', {
      as: them,
      body: { name: 'their app', scopes: ['admin'] },
    });
    const before = await storedOf(theirs.project);
    const theirKey = parseApiKey(theirs.key)?.keyId ?? '';

    const answers = [
      await service.ask('GET /v1/models/shared', { as: me }),
      await service.ask('GET /v1/model-groups/secret', { as: me }),
      await service.ask(`DELETE /v1/keys/${theirKey}`, { as: me }),
      await service.ask(`DELETE /v1/keys/${String(key.id)}`, { as: me }),
      await service.ask(`POST /v1/keys/${theirKey}/rotate`, { as: me }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    const [unknown] = [await service.ask('DELETE /v1/keys/nosuchkey0000000', { as: me })];
    expect({ ...answers[2]?.body, requestId: '' }).toEqual({ ...unknown?.body, requestId: '' });

    const mineShown = [
      await service.ask('GET /v1/keys?limit=200', { as: me }),
      await service.ask('GET /v1/settings', { as: me }),
      await service.ask('GET /v1/model-groups/premium', { as: me }),
      await service.ask('GET /v1/model-groups?limit=200', { as: me }),
      await service.ask('PUT /v1/models/shared', { as: me, body: { group: 'standard' } }),
      await service.ask('PUT /v1/model-groups/secret', { as: me, body: { defaultModel: null } }),
      await service.ask('PUT /v1/settings', { as: me, body: { lateness: 'P1D' } }),
      await service.ask('POST /v1/keys', { as: me, body: { name: 'k', scopes: ['read'] } }),
    ];
    expect(mineShown.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    const text = JSON.stringify([...answers, ...mineShown].map(({ body }) => body));
    for (const foreign of [theirs.project, theirKey, String(key.id), 'their app', 'Asia/Tokyo']) {
      expect(text).not.toContain(foreign);
    }
    expect(JSON.stringify(mineShown[3]?.body)).not.toContain('secret');
    expect(await storedOf(theirs.project)).toBe(before);
  });

  it('a cursor of one project’s list shows nothing of it to another', async () => {
    const [mine, theirs] = [await service.newProject(), await service.newProject()];
    const them = adminOf(theirs.project);
    await service.ask('POST /v1/keys', { as: them, body: { name: 'theirs', scopes: ['read'] } });
    const { body } = await service.ask('GET /v1/keys?limit=1', { as: them });
    const cursor = String(body.nextCursor);
    const mineShown = await service.ask(`GET /v1/keys?cursor=${cursor}`, {
      as: adminOf(mine.project),
    });
    expect(JSON.stringify(mineShown.body)).not.toContain('theirs');
  });

  it('an Idempotency-Key of one project is nothing to another', async () => {
    const [mine, theirs] = [await service.newProject(), await service.newProject()];
    const headers = { 'idempotency-key': 'same-key' };
    const body = { name: 'app', scopes: ['ingest'] };
    const first = await service.ask('POST /v1/keys', {
      as: adminOf(theirs.project),
      body,
      headers,
    });
    const second = await service.ask('POST /v1/keys', { as: adminOf(mine.project), body, headers });
    expect(second.status).toBe(201);
    expect(second.headers.get('idempotent-replayed')).toBeNull();
    expect(second.body.key).not.toBe(first.body.key);
  });

  it('a caller whose project is not there finds nothing and makes nothing', async () => {
    const as = adminOf('nowhere-12345678');
    const put = await service.ask('PUT /v1/models/m', { as, body: { group: 'premium' } });
    expect(put.status).toBe(404);
    expect((await service.ask('GET /v1/settings', { as })).status).toBe(404);
    expect((await service.ask('GET /v1/keys', { as })).body.data).toEqual([]);
  });
});

describe('the quarantine', () => {
  const at = (offset: number, project: string | null, reason: string, value = `v${offset}`) => ({
    topic: 'usage.events.v1',
    partition: 3,
    offset: BigInt(offset),
    project,
    key: `k${offset}`,
    reason,
    detail: 'why',
    appendedAt: 1_790_000_000_000 + offset * 1_000,
    value: Buffer.from(value),
  });
  const offsets = (body: Record<string, unknown>) =>
    (body.data as { offset: string }[]).map(({ offset }) => Number(offset));

  beforeAll(async () => {
    await postgres.transaction((manager) =>
      parkEntries(manager, [
        at(1, 'demo', 'id-conflict'),
        at(2, null, 'not-json'),
        at(3, 'other', 'id-conflict'),
        at(4, 'demo', 'too-late'),
        at(5, null, 'tombstone'),
      ]),
    );
  });

  it('shows a project its own, newest first, and the operator also what is nobody’s', async () => {
    const own = await service.ask('GET /v1/quarantine', { as: adminOf('demo') });
    expect(offsets(own.body)).toEqual([4, 1]);
    const operator = await service.ask('GET /v1/quarantine', { as: OPERATOR });
    expect(offsets(operator.body)).toEqual([5, 4, 2, 1]);
    expect(
      offsets((await service.ask('GET /v1/quarantine', { as: adminOf('none') })).body),
    ).toEqual([]);
    expect((own.body.data as unknown[])[0]).toEqual({
      topic: 'usage.events.v1',
      partition: 3,
      offset: '4',
      reason: 'too-late',
      detail: 'why',
      at: new Date(1_790_000_004_000).toISOString(),
      key: 'k4',
      content: 'v4',
    });
  });

  it('is narrowed by reason and by when the log took the entry, half-open', async () => {
    const asked = async (query: string) =>
      offsets((await service.ask(`GET /v1/quarantine?${query}`, { as: OPERATOR })).body);
    expect(await asked('reason=id-conflict')).toEqual([1]);
    const instant = (offset: number) => new Date(1_790_000_000_000 + offset * 1_000).toISOString();
    expect(await asked(`from=${instant(2)}&to=${instant(5)}`)).toEqual([4, 2]);
    const bad = await service.ask('GET /v1/quarantine?from=yesterday', { as: OPERATOR });
    expect(bad.status).toBe(422);
  });

  it('is read page by page', async () => {
    const first = await service.ask('GET /v1/quarantine?limit=3', { as: OPERATOR });
    const cursor = String(first.body.nextCursor);
    const rest = await service.ask(`GET /v1/quarantine?limit=3&cursor=${cursor}`, { as: OPERATOR });
    expect([...offsets(first.body), ...offsets(rest.body)]).toEqual([5, 4, 2, 1]);
    expect(rest.body.nextCursor).toBeNull();
  });

  it('takes what strangers wrote: NUL, broken UTF-8, long keys, a KiB cut inside a character', async () => {
    const poison = {
      ...at(9, 'demo', 'not-json'),
      key: `\u0000${'k'.repeat(2_000)}\ud800`,
      detail: `\u0000 at 5 ${'x'.repeat(5_000)}`,
      value: Buffer.concat([Buffer.from([0, 0xff]), Buffer.from('ü'.repeat(2_000))]),
    };
    const park = () => postgres.transaction((manager) => parkEntries(manager, [poison]));
    expect(await park()).toBe(1);
    expect(await park()).toBe(0);
    const { body } = await service.ask('GET /v1/quarantine?reason=not-json', {
      as: adminOf('demo'),
    });
    const [shown] = body.data as { content: string; key: string }[];
    expect(shown?.content.endsWith('ü')).toBe(true);
    expect(shown?.key.startsWith('\ufffdkkk')).toBe(true);
  });
});
