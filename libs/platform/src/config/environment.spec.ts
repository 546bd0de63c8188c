import fc from 'fast-check';
import { z } from 'zod';
import { EnvironmentFault, readEnvironment } from './environment';
import { environmentField } from './fields';
import { serviceEnvironment } from './service-environment';

const good = {
  TALLYWARD_HTTP_PORT: '8081',
  TALLYWARD_KAFKA_BROKERS: '127.0.0.1:9092, [::1]:9093',
  TALLYWARD_INSTANCE: 'entitlement-1',
  TALLYWARD_INTERNAL_SECRET: 'a-secret-of-at-least-32-characters',
};

function faultsOf(source: Record<string, string>, schema: z.ZodObject = serviceEnvironment) {
  try {
    readEnvironment(schema, source);
  } catch (error) {
    if (error instanceof EnvironmentFault) return error;
    throw error;
  }
  throw new Error('There was no fault');
}

test('a whole environment is read, with defaults where nothing is said', () => {
  expect(readEnvironment(serviceEnvironment, { ...good, PATH: '/bin' })).toEqual({
    ...good,
    TALLYWARD_HTTP_PORT: 8081,
    TALLYWARD_KAFKA_BROKERS: ['127.0.0.1:9092', '[::1]:9093'],
    TALLYWARD_BIND: '127.0.0.1',
    TALLYWARD_TOPIC_PREFIX: '',
    TALLYWARD_LOG_LEVEL: 'info',
    TALLYWARD_TRACE_RATIO: 0.01,
  });
});

test('every fault is told at once, each with its variable and what to do', () => {
  const { faults } = faultsOf({
    TALLYWARD_HTTP_PORT: '65536',
    TALLYWARD_KAFKA_BROKERS: 'kafka',
    TALLYWARD_INSTANCE: ' ',
    TALLYWARD_INTERNAL_SECRET: 'short',
    TALLYWARD_LOG_LEVEL: 'loud',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://collector',
    TALLYWARD_TRACE_RATIO: '2',
  });
  expect(faults).toEqual([
    'TALLYWARD_HTTP_PORT is not usable: set it to a port number, 1 to 65535',
    'TALLYWARD_KAFKA_BROKERS is not usable: set it to one to 64 host:port, separated by commas',
    expect.stringMatching(/^TALLYWARD_INSTANCE is missing: /),
    'TALLYWARD_LOG_LEVEL is not usable: set it to one of fatal, error, warn, info, debug, trace, silent',
    'TALLYWARD_INTERNAL_SECRET is not usable: set it to a random text of at least 32 characters',
    'OTEL_EXPORTER_OTLP_ENDPOINT is not usable: set it to an address like http://host:port',
    'TALLYWARD_TRACE_RATIO is not usable: set it to a number from 0 to 1',
  ]);
});

test('a fault between two variables is told too', () => {
  const schema = z.object({ A: z.string(), B: z.string() });
  const apart = schema.refine(({ A, B }) => A !== B, { path: ['B'] });
  expect(faultsOf({ A: 'x', B: 'x' }, apart as never).faults).toEqual([
    'B is not usable: see the README for what it takes',
  ]);
});

test('no value is ever repeated, whatever it is', () => {
  const names = Object.keys(serviceEnvironment.shape);
  // Long enough not to be a word of the message by chance, and wrong for every field.
  const value = fc.string({ minLength: 9, maxLength: 40 }).map((text) => `\u00df${text}\u00df`);
  fc.assert(
    fc.property(fc.array(value, { minLength: names.length, maxLength: names.length }), (values) => {
      const source = Object.fromEntries(names.map((name, at) => [name, values[at] as string]));
      const { message } = faultsOf(source);
      for (const given of values) expect(message).not.toContain(given.trim());
    }),
  );
});

test.each([
  ['port', environmentField.port(), ['0', '-1', '1.5', '1e3', '65536', 'x', '0x50']],
  ['ratio', environmentField.ratio(), ['-0.1', '1.1', '1e-3', 'x', '.5', 'NaN']],
  ['url', environmentField.url('postgres:'), ['http://a', 'postgres', '//a', '']],
  ['name', environmentField.name(), ['a b', '-a', 'a'.repeat(64), 'é']],
  [
    'hosts',
    environmentField.hostList(),
    ['a', 'a:b', 'user@a:1', 'a:1,', Array(65).fill('a:1').join()],
  ],
])('a %s that is none is refused', (_what, field, values) => {
  for (const value of values) expect(field.safeParse(value).success).toBe(false);
});
