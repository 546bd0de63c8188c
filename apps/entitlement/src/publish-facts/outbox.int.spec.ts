import { type AuditFact, TOPICS } from '@tallyward/contracts';
import { type Service, testbed, type Testbed, until } from '@tallyward/testing';
import { Kafka, logLevel } from 'kafkajs';
import { adminOf, type Answered, ask, OPERATOR, OPERATOR_KEY } from '../entitlement.builder';
import { openStorage } from '../storage/data-source';
import { SILENT_HOLDER_MS } from '../storage/outbox/relay-session';
import { parkEntries } from '../storage/quarantine/park-entries';
import { everything, topicReader, type TopicReader } from './topic-reader.builder';

type Postgres = Awaited<ReturnType<typeof openStorage>>;

const VERSION = 'x-tallyward-project-version';
const ACTIVE = 'this instance publishes the outbox';

let bed: Testbed;
let postgres: Postgres;
let reader: TopicReader;
let running: Service[] = [];

beforeAll(async () => {
  bed = await testbed();
  postgres = await openStorage(bed.postgres.entitlement, 'spec', () => undefined);
  await spawn();
  reader = await topicReader(bed);
  await endAll();
});

afterAll(async () => {
  await reader?.close();
  await postgres?.destroy();
  await bed?.close();
});

afterEach(endAll);

async function endAll(): Promise<void> {
  for (const service of running) await service.kill();
  running = [];
}

async function spawn(env: Record<string, string> = {}): Promise<Service> {
  const service = await bed.spawnService('entitlement', {
    TALLYWARD_OPERATOR_KEY: OPERATOR_KEY,
    ...env,
  });
  running.push(service);
  return service;
}

/** Asks; undefined where no answer came, because the process died over it. */
async function tell(service: Service, line: string, as = OPERATOR, body?: unknown) {
  try {
    return await ask(service.url, bed.internalSecret, line, { as, body });
  } catch {
    return undefined;
  }
}

async function newProject(service: Service): Promise<string> {
  const made = await tell(service, 'POST /v1/projects', OPERATOR, { name: 'Chat' });
  return String(made?.body.project);
}

const put = (service: Service, project: string, model: string): Promise<Answered | undefined> =>
  tell(service, `PUT /v1/models/${model}`, adminOf(project), { group: 'premium' });

/** Everything that was committed is in the log, in order, and the last word is the present. */
async function converged(project: string): Promise<void> {
  const [row] = (await postgres.query('SELECT version FROM project WHERE project = $1', [
    project,
  ])) as { version: string }[];
  const version = Number(row?.version);
  await until(() => reader.last(project)?.version === version, { what: `${project}@${version}` });
  const models = (await postgres.query('SELECT model FROM model WHERE project = $1 ORDER BY 1', [
    project,
  ])) as { model: string }[];
  expect(Object.keys(reader.last(project)?.models ?? {})).toEqual(models.map(({ model }) => model));
  const trail = (await postgres.query(
    `SELECT fact_id, tiers FROM audit_fact WHERE project = $1 ORDER BY version, fact_id`,
    [project],
  )) as { fact_id: string; tiers: string[] }[];
  const isWhole = async (): Promise<boolean> => {
    const found = lastPlaces(await reader.facts(project));
    // Facts about a tier have a key of their own, and so an order of their own.
    return [[], ['Default New Customer Tier']].every((tiers) => {
      const those = trail.filter((fact) => String(fact.tiers) === String(tiers));
      const wanted = those.map(({ fact_id }) => fact_id);
      return String(found.filter((id) => wanted.includes(id))) === String(wanted);
    });
  };
  await until(isWhole, { what: 'every fact to be in the log, in order' });
  await until(
    async () => ((await postgres.query('SELECT 1 FROM outbox LIMIT 1')) as unknown[]).length === 0,
    { what: 'the outbox to be empty' },
  );
}

/** Each fact where it stands last: what readers have once repeats are overtaken. */
const lastPlaces = (facts: AuditFact[]): string[] =>
  [...new Set(facts.map(({ factId }) => factId).reverse())].reverse();

describe('a process that ends', () => {
  it.each(['outbox.before-publish', 'outbox.after-publish'])(
    'at %s loses nothing that was answered, and the next one goes on in order',
    async (point) => {
      const first = await spawn({ NODE_ENV: 'test', TALLYWARD_CRASH_AT: `${point}#6` });
      const project = await newProject(first);
      let answered = 0;
      for (let i = 0; i < 200; i += 1) {
        const answer = await put(first, project, `m${String(i).padStart(3, '0')}`);
        if (!answer) break;
        answered += 1;
      }
      expect(answered).toBeLessThan(200);
      const second = await spawn();
      await put(second, project, 'last');
      await converged(project);
      const models = Object.keys(reader.last(project)?.models ?? {});
      expect(models.length).toBeGreaterThanOrEqual(answered + 1);
      expect(models).toContain('last');
    },
  );
});

describe('two instances', () => {
  async function pair(): Promise<{ active: Service; standby: Service }> {
    const [a, b] = [await spawn(), await spawn()];
    await until(() => [a, b].some((each) => each.log().includes(ACTIVE)), { what: 'a relay' });
    const [active, standby] = a.log().includes(ACTIVE) ? [a, b] : [b, a];
    expect(standby.log()).not.toContain(ACTIVE);
    return { active, standby };
  }

  it('have one active relay; after kill -9 of its process the other takes over', async () => {
    const { active, standby } = await pair();
    const project = await newProject(standby);
    await until(() => reader.last(project)?.version === 1, { what: 'the standby’s change' });
    const changes = Array.from({ length: 10 }, (_, i) => put(standby, project, `m${i}`));
    await changes[4];
    await active.kill();
    await Promise.all(changes);
    await converged(project);
    expect(standby.log()).toContain(ACTIVE);
  });

  it('a suspended holder loses the lock, and what it still says afterwards is overtaken', async () => {
    const { active, standby } = await pair();
    const project = await newProject(standby);
    await until(() => reader.last(project)?.version === 1, { what: 'the first snapshot' });
    process.kill(active.pid, 'SIGSTOP');
    try {
      await put(standby, project, 'm');
      await until(() => reader.last(project)?.version === 2, {
        what: 'the standby to take over',
        withinMs: SILENT_HOLDER_MS + 15_000,
      });
    } finally {
      process.kill(active.pid, 'SIGCONT');
    }
    await until(() => active.log().includes('no longer publishes'), { what: 'it to step down' });
    await put(active, project, 'n');
    await converged(project);
  }, 150_000);
});

describe('the topic and the store', () => {
  it('a snapshot topic that was lost is filled again at the next start', async () => {
    const first = await spawn();
    const project = await newProject(first);
    await converged(project);
    await first.stop();
    await reader.close();
    await deleteTopic(`${bed.namespace}${TOPICS.snapshots.name}`);
    await spawn();
    reader = await topicReader(bed);
    await until(() => reader.last(project)?.version === 1, { what: 'the project' });
    await until(() => reader.last('demo'), { what: 'project demo' });
  });

  it('a store restored from a backup goes on above the versions that gateways have seen', async () => {
    const first = await spawn();
    const project = await newProject(first);
    for (const model of ['a', 'b', 'c']) await put(first, project, model);
    await converged(project);
    await first.stop();
    await postgres.query('DELETE FROM model WHERE project = $1 AND model <> $2', [project, 'a']);
    await postgres.query('UPDATE project SET version = 2 WHERE project = $1', [project]);
    const second = await spawn();
    await until(() => reader.last(project)?.version === 5, { what: 'a version above the log’s' });
    expect(reader.last(project)?.models).toEqual({ a: 'premium' });
    const answer = await put(second, project, 'd');
    expect(answer?.headers.get(VERSION)).toBe(`${project}@6`);
  });

  it('a quarantined entry reaches its topic', async () => {
    await spawn();
    const entry = {
      topic: TOPICS.usageEvents.name,
      partition: 1,
      offset: 7n,
      project: null,
      key: 'k',
      reason: 'not-json',
      detail: 'why',
      appendedAt: 1_790_000_000_000,
      value: Buffer.from('{'),
    };
    await postgres.transaction((manager) => parkEntries(manager, [entry]));
    const [found] = await until(
      async () => {
        const all = await everything(reader.log, TOPICS.quarantine.name);
        return all.length > 0 ? all : null;
      },
      { what: 'the entry' },
    );
    expect(found?.key).toBe('k');
    expect(JSON.parse(String(found?.value))).toMatchObject({ offset: '7', content: '{' });
    expect(found?.headers).toMatchObject({ ce_type: 'usage.quarantined.v1' });
  });
});

async function deleteTopic(topic: string): Promise<void> {
  const kafka = new Kafka({ brokers: [...bed.brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    await admin.deleteTopics({ topics: [topic] });
    await until(async () => !(await admin.listTopics()).includes(topic), { what: 'it to be gone' });
  } finally {
    await admin.disconnect();
  }
}
