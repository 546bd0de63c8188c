import { TOPICS } from '@tallyward/contracts';
import { openLog, type Log, type LogEntry } from '@tallyward/platform';
import { untilSeen, usageEvents } from '@tallyward/testing';
import Ajv2020 from 'ajv/dist/2020';
import { Stack, START_WITHIN_MS } from './stack.builder';

const HOUR_MS = 3_600_000;
const CLOSED_WITHIN_MS = 90_000;
const CHANNELS = Object.keys(TOPICS) as (keyof typeof TOPICS)[];

let stack: Stack;
let log: Log;

beforeAll(async () => {
  stack = await Stack.start();
  const { brokers, namespace } = stack.bed;
  const silent = () => undefined;
  const logger = { debug: silent, info: silent, warn: silent, error: silent };
  log = openLog({ brokers: [...brokers], namespace, clientId: 'topics', logger });
}, START_WITHIN_MS);

afterAll(async () => {
  await log?.close();
  await stack?.close();
});

async function entriesOf(topic: string): Promise<LogEntry[]> {
  const found: LogEntry[] = [];
  for (const [partition, to] of await log.admin.endOffsets(topic)) {
    const onEntries = (entries: LogEntry[]) => void found.push(...entries);
    await log.readRange({ topic, partition, from: 0n, to, onEntries });
  }
  return found;
}

/** A little of everything, so that every topic has entries. */
async function used(): Promise<void> {
  const put = (path: string, body: object) => stack.done(path, { method: 'PUT', body });
  await put('/v1/models/gpt-4o-mini', { group: 'standard' });
  await put('/v1/models/o3', { group: 'reasoning' });
  const time = new Date(Date.now() - 3 * HOUR_MS).toISOString();
  const call = (n: number) => ({ id: `e${n}`, customer: 'ü-acme', model: 'gpt-4o-mini', time });
  await stack.send(usageEvents(3, call));
  await stack.send(usageEvents(1, (n) => ({ ...call(n), inputTokens: 77_777 })));
  const estimate = { inputTokens: 10, maxOutputTokens: 10 };
  for (const model of ['gpt-4o-mini', 'o3']) {
    const body = { customer: 'ü-acme', model, estimate, hold: true };
    await stack.done('/v1/decisions', { method: 'POST', body });
  }
  await put('/v1/settings', { closing: { every: 'hour', grace: 'PT0S' } });
}

describe('every topic', () => {
  it(
    'has entries that are as /asyncapi.json says: value, headers and key',
    async () => {
      const document = await stack.done<object>('/asyncapi.json');
      const ajv = new Ajv2020({ strict: false, validateFormats: false });
      ajv.addSchema(document, 'asyncapi.json');
      await used();
      const found = await untilSeen(
        async () => Promise.all(CHANNELS.map((id) => entriesOf(TOPICS[id].name))),
        (all) => all.every(({ length }) => length > 0),
        { what: 'entries in every topic', withinMs: CLOSED_WITHIN_MS, everyMs: 1_000 },
      );
      const faults: string[] = [];
      CHANNELS.forEach((id, n) => {
        const message = `asyncapi.json#/channels/${id}/messages`;
        const [name] = Object.keys(ajv.getSchema(message)?.schema as object);
        const [isValue, areHeaders] = ['payload', 'headers'].map((part) =>
          ajv.compile({ $ref: `asyncapi.json#/components/messages/${name}/${part}` }),
        );
        for (const { key, value, headers } of found[n] ?? []) {
          const wrong = (what: string, errors: unknown) =>
            faults.push(
              `${id} ${what} ${JSON.stringify(errors)}: ${value} ${JSON.stringify(headers)}`,
            );
          if (key === null) wrong('key', 'none');
          if (!areHeaders?.(headers)) wrong('headers', areHeaders?.errors);
          if (value && !isValue?.(JSON.parse(value.toString()))) wrong('value', isValue?.errors);
        }
      });
      expect(faults).toEqual([]);
    },
    CLOSED_WITHIN_MS + START_WITHIN_MS,
  );
});
