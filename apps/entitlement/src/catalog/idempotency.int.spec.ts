import { testbed, type Testbed } from '@tallyward/testing';
import {
  adminOf,
  type Answered,
  entitlementOn,
  type EntitlementUnderTest,
} from '../entitlement.builder';
import { openStorage } from '../storage/data-source';
import { claimRequest } from '../storage/idempotency/idempotency';
import { Upkeep } from './upkeep';

type Postgres = Awaited<ReturnType<typeof openStorage>>;

const VERSION = 'x-tallyward-project-version';
const REPLAYED = 'idempotent-replayed';

let bed: Testbed;
let service: EntitlementUnderTest;
let second: EntitlementUnderTest;
let postgres: Postgres;

beforeAll(async () => {
  bed = await testbed();
  service = await entitlementOn(bed);
  second = await entitlementOn(bed, { TALLYWARD_INSTANCE: 'entitlement-spec-2' });
  postgres = await openStorage(bed.postgres.entitlement, 'spec', () => undefined);
});

afterAll(async () => {
  await postgres?.destroy();
  await service?.close();
  await second?.close();
  await bed?.close();
});

const NEW_KEY = { name: 'app', scopes: ['ingest'] };

async function own() {
  const { project } = await service.newProject();
  const as = adminOf(project);
  const asked = (
    line: string,
    body: unknown,
    key: string,
    at: EntitlementUnderTest = service,
  ): Promise<Answered> => at.ask(line, { as, body, headers: { 'idempotency-key': key } });
  const keys = async () =>
    (await service.ask('GET /v1/keys?limit=200', { as })).body.data as unknown[];
  return { project, as, ask: asked, keys };
}

describe('a request sent again with its Idempotency-Key', () => {
  it('gets the first answer, secret, version and all, and has no second effect', async () => {
    const { ask, keys } = await own();
    const first = await ask('POST /v1/keys', NEW_KEY, 'k1');
    const again = await ask('POST /v1/keys', { scopes: ['ingest'], name: 'app' }, 'k1', second);
    expect(first.headers.get(REPLAYED)).toBeNull();
    expect(again.headers.get(REPLAYED)).toBe('true');
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get(VERSION)).toBe(first.headers.get(VERSION));
    expect(await keys()).toHaveLength(2);
  });

  it('is refused when its body is another one', async () => {
    const { ask, keys } = await own();
    await ask('POST /v1/keys', NEW_KEY, 'k1');
    const other = await ask('POST /v1/keys', { ...NEW_KEY, name: 'other' }, 'k1');
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
    expect(await keys()).toHaveLength(2);
  });

  it('is another request under another method or path', async () => {
    const { ask } = await own();
    const put = await ask('PUT /v1/models/a', { group: 'premium' }, 'k1');
    const next = await ask('PUT /v1/models/b', { group: 'premium' }, 'k1');
    expect([put.status, next.status]).toEqual([200, 200]);
    expect(next.body.model).toBe('b');
  });

  it('twenty at once, at two instances, have one effect and one answer', async () => {
    const { project, ask, keys } = await own();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        ask('POST /v1/keys', NEW_KEY, 'burst', i % 2 === 0 ? service : second),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(new Set(answers.map(({ body }) => body.key)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get(REPLAYED) === null)).toHaveLength(1);
    expect(await keys()).toHaveLength(2);
    expect(answers[0]?.headers.get(VERSION)).toBe(`${project}@2`);
  });

  it('is told to come again when the first is still being carried out', async () => {
    const { project, ask } = await own();
    const request = { project, method: 'POST', path: '/v1/keys', key: 'k1', body: NEW_KEY };
    await postgres.transaction(async (manager) => {
      await claimRequest(manager, request, bed.internalSecret);
      const second = await ask('POST /v1/keys', NEW_KEY, 'k1');
      expect(second).toMatchObject({ status: 409, body: { code: 'conflict' } });
      expect(second.headers.get('retry-after')).toBe('2');
      await manager.query('ROLLBACK');
    });
    expect((await ask('POST /v1/keys', NEW_KEY, 'k1')).status).toBe(201);
  });

  it('can not be shown again after the internal secret was changed, and says so', async () => {
    const { ask, keys } = await own();
    await ask('POST /v1/keys', NEW_KEY, 'k1');
    await postgres.query(`UPDATE idempotent_request SET answer = set_byte(answer, 0, 0)`);
    await postgres.query(`UPDATE idempotent_request SET answer = set_byte(answer, 1, 1)`);
    const again = await ask('POST /v1/keys', NEW_KEY, 'k1');
    expect(again).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(again.body.detail).toContain('carried out before');
    expect(await keys()).toHaveLength(2);
  });

  it('that was refused is not remembered: it is tried again', async () => {
    const { ask } = await own();
    const refused = await ask('PUT /v1/models/m', { group: 'fast' }, 'k1');
    expect(refused.status).toBe(422);
    await ask('PUT /v1/model-groups/fast', { defaultModel: null }, 'k2');
    const accepted = await ask('PUT /v1/models/m', { group: 'fast' }, 'k1');
    expect(accepted.status).toBe(200);
    expect(accepted.headers.get(REPLAYED)).toBeNull();
  });

  it('replays what changed nothing, too', async () => {
    const { ask } = await own();
    await ask('PUT /v1/settings', { timeZone: 'UTC' }, 'k1');
    const again = await ask('PUT /v1/settings', { timeZone: 'UTC' }, 'k1');
    expect(again.headers.get(REPLAYED)).toBe('true');
  });

  it('is carried out anew after 24 hours, whether its row was pruned or not', async () => {
    const { ask, keys } = await own();
    await ask('POST /v1/keys', NEW_KEY, 'old');
    const age = `UPDATE idempotent_request SET expires_at = clock_timestamp() - interval '1 s'`;
    await postgres.query(age);
    const anew = await ask('POST /v1/keys', NEW_KEY, 'old');
    expect(anew.headers.get(REPLAYED)).toBeNull();
    expect(await keys()).toHaveLength(3);
    await postgres.query(age);
    await service.http.app.get(Upkeep).round();
    expect(await postgres.query('SELECT 1 FROM idempotent_request')).toEqual([]);
  });

  it.each(['', 'k'.repeat(256), 'two words', 'ü'])('needs a good key: %j', async (key) => {
    const { ask } = await own();
    const bytes = Buffer.from(key).toString('latin1');
    const answer = await ask('PUT /v1/settings', { timeZone: 'UTC' }, bytes);
    expect(answer.status).toBe(422);
  });

  it('leaves nothing readable of the key it made, nor of the Idempotency-Key, in the store', async () => {
    const { ask } = await own();
    const { body } = await ask('POST /v1/keys', NEW_KEY, 'find-this-idempotency-key');
    const [row] = (await postgres.query(
      `SELECT string_agg(t.row, ' ') AS text FROM (
         SELECT i::text AS row FROM idempotent_request i UNION ALL SELECT k::text FROM api_key k
         UNION ALL SELECT a::text FROM audit_fact a UNION ALL SELECT o::text FROM outbox o) t`,
    )) as { text: string }[];
    const secret = String(body.key).split('_')[2] as string;
    const hex = (text: string) => Buffer.from(text).toString('hex');
    for (const never of [secret, 'find-this-idempotency-key']) {
      expect(row?.text).not.toContain(never);
      expect(row?.text).not.toContain(hex(never));
    }
  });
});

describe('changes of one project at the same time', () => {
  it('all happen, one version each, whichever instance takes them', async () => {
    const { project, as } = await own();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        (i % 2 === 0 ? service : second).ask(`PUT /v1/models/m${i}`, {
          as,
          body: { group: i % 3 === 0 ? 'premium' : 'standard' },
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const versions = answers.map(({ headers }) => Number(headers.get(VERSION)?.split('@')[1]));
    const wanted = Array.from({ length: 12 }, (_, i) => i + 2);
    expect(versions.sort((a, b) => a - b)).toEqual(wanted);
    const facts = await postgres.query(
      'SELECT version FROM audit_fact WHERE project = $1 AND type = $2 ORDER BY version',
      [project, 'model.grouped'],
    );
    expect(facts).toEqual(wanted.map((version) => ({ version: String(version) })));
    const { body } = await service.ask('GET /v1/model-groups/premium', { as });
    expect(body.models).toHaveLength(4);
  });

  it('never revoke each other’s last admin key', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { as, keys } = await own();
      const { body } = await service.ask('POST /v1/keys', {
        as,
        body: { name: 'b', scopes: ['admin'] },
      });
      const [first] = (await keys()) as { id: string }[];
      const answers = await Promise.all([
        service.ask(`DELETE /v1/keys/${String(body.id)}`, { as }),
        second.ask(`DELETE /v1/keys/${first?.id}`, { as }),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    }
  });
});

describe('the audit trail', () => {
  it('says who changed what, from what, to what, and never a secret or its hash', async () => {
    const { project, as } = await own();
    await service.ask('PUT /v1/models/m', { as, body: { group: 'premium' } });
    await service.ask('PUT /v1/models/m', { as, body: { group: 'standard' } });
    await service.ask('POST /v1/keys', { as, body: NEW_KEY });
    const facts = (await postgres.query(
      'SELECT * FROM audit_fact WHERE project = $1 ORDER BY version, fact_id',
      [project],
    )) as Record<string, unknown>[];
    expect(facts.map(({ type }) => type)).toEqual([
      'project.created',
      'tier.created',
      'key.created',
      'model.grouped',
      'model.grouped',
      'key.created',
    ]);
    expect(facts[4]).toMatchObject({
      actor: 'spec (callerkey0000000)',
      subject: 'model:m',
      before: { group: 'premium' },
      after: { group: 'standard' },
    });
    expect(JSON.stringify(facts)).not.toMatch(/[0-9a-f]{64}/);
  });

  it('can only grow', async () => {
    for (const change of [
      `UPDATE audit_fact SET actor = 'nobody'`,
      'DELETE FROM audit_fact',
      'TRUNCATE audit_fact',
    ]) {
      await expect(postgres.query(change)).rejects.toThrow('append-only');
    }
  });
});
