import { type KeysUsed, TOPICS } from '@tallyward/contracts';
import { openLog, type Log } from '@tallyward/platform';
import { testbed, until, type Testbed } from '@tallyward/testing';
import { adminOf, entitlementOn, type EntitlementUnderTest } from '../entitlement.builder';
import { newestOf } from './key-use.consumer';

const FIRST = '2026-11-23T10:00:00.000Z';
const LATER = '2026-11-23T10:05:00.000Z';
const topic = TOPICS.keysUsed;

let bed: Testbed;
let service: EntitlementUnderTest;
let log: Log;

beforeAll(async () => {
  bed = await testbed();
  service = await entitlementOn(bed);
  const silent = () => undefined;
  const logger = { debug: silent, info: silent, warn: silent, error: silent };
  const { brokers, namespace } = bed;
  log = openLog({ brokers: [...brokers], namespace, clientId: 'spec', logger });
});

afterAll(async () => {
  await log?.close();
  await service?.close();
  await bed?.close();
});

/** As a gateway tells it; a text as it is. */
async function tell(...messages: (KeysUsed | string)[]): Promise<void> {
  const appender = log.appender({ partitions: { [topic.name]: topic.partitions } });
  const entries = messages.map((told) => {
    return { key: 'demo', value: typeof told === 'string' ? told : JSON.stringify(told) };
  });
  for (const { kind } of await appender.append(topic.name, entries)) expect(kind).toBe('acked');
}

interface Listed {
  readonly id: string;
  readonly lastUsedAt: string | null;
}

async function own() {
  const { project } = await service.newProject();
  const as = adminOf(project);
  const body = { name: 'app', scopes: ['ingest'] };
  const made = (await service.ask('POST /v1/keys', { as, body })).body;
  const lastUsedAt = async (): Promise<string | null | undefined> => {
    const { data } = (await service.ask('GET /v1/keys', { as })).body as { data: Listed[] };
    return data.find(({ id }) => id === made['id'])?.lastUsedAt;
  };
  const used = (usedAt: string, of = project): KeysUsed => {
    return { project: of, keys: [{ id: String(made['id']), usedAt }] };
  };
  const shown = (at: string) =>
    until(async () => (await lastUsedAt()) === at, { what: `the key to be used at ${at}` });
  return { made, as, lastUsedAt, used, shown };
}

describe('when a key was used last', () => {
  it('is nothing before its first use, and then what a gateway tells', async () => {
    const { made, used, shown, lastUsedAt } = await own();
    expect([made['lastUsedAt'], await lastUsedAt()]).toEqual([null, null]);
    await tell(used(FIRST));
    await shown(FIRST);
  });

  it('is the newest instant, in whichever order gateways tell', async () => {
    const [one, other] = [await own(), await own()];
    await tell(one.used(LATER), other.used(FIRST));
    await one.shown(LATER);
    await tell(one.used(FIRST), other.used(LATER));
    await other.shown(LATER);
    expect(await one.lastUsedAt()).toBe(LATER);
  });

  it('is not told of a key by another project, and what can not be read stops nothing', async () => {
    const [one, other] = [await own(), await own()];
    await tell('no json', '{"project":"demo","keys":[]}', one.used(LATER, other.as.project));
    await tell(other.used(FIRST));
    await other.shown(FIRST);
    expect(await one.lastUsedAt()).toBeNull();
  });

  it('goes with the key', async () => {
    const { made, as, used, shown, lastUsedAt } = await own();
    await tell(used(FIRST));
    await shown(FIRST);
    const gone = await service.ask(`DELETE /v1/keys/${String(made['id'])}`, { as });
    expect([gone.status, await lastUsedAt()]).toEqual([204, undefined]);
  });

  it('is one statement a project, however many messages a start reads', () => {
    const at = (usedAt: string, project = 'a') => ({ project, keys: [{ id: 'k', usedAt }] });
    expect(newestOf([at(FIRST), at(LATER), at(FIRST), at(FIRST, 'b')])).toEqual([
      at(LATER),
      at(FIRST, 'b'),
    ]);
  });
});
