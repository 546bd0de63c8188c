import { MODEL_GROUPS, type Scope } from '@tallyward/contracts';
import {
  type Caller,
  CALLER_HEADER,
  createLogger,
  readEnvironment,
  signCaller,
} from '@tallyward/platform';
import { entitlementEnvironment } from './environment';
import { type RunningEntitlement, startEntitlement } from './service';

/** What the service needs of a testbed. */
export interface Engines {
  readonly namespace: string;
  readonly brokers: readonly string[];
  readonly postgres: { readonly entitlement: string };
  readonly internalSecret: string;
}

export const OPERATOR_KEY = `tw_operator00000000_${'Q7'.repeat(21)}z`;
export const ALL_GROUPS = [...MODEL_GROUPS].sort();

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface Ask {
  readonly as: Caller;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Asks as the gateway does: with the signed caller. */
export async function ask(
  url: string,
  secret: string,
  line: string,
  { as, body, headers = {} }: Ask,
): Promise<Answered> {
  const [method = 'GET', path = '/'] = line.split(' ');
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      [CALLER_HEADER]: signCaller(as, secret),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const { status } = response;
  return {
    status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

export function adminOf(project: string, more: Partial<Caller> = {}): Caller {
  return {
    project,
    scopes: ['admin'] satisfies Scope[],
    keyId: 'callerkey0000000',
    actor: 'spec',
    operator: false,
    ...more,
  };
}

export const OPERATOR = adminOf('demo', { keyId: 'operator00000000', operator: true });

export interface EntitlementUnderTest extends RunningEntitlement {
  /** Every line of its log so far. */
  readonly lines: string[];
  ask(line: string, ask: Ask): Promise<Answered>;
  /** A new project, through the route. */
  newProject(name?: string): Promise<{ project: string; key: string }>;
}

/** The service in this process, on real engines. */
export async function entitlementOn(
  bed: Engines,
  more: Record<string, string> = {},
): Promise<EntitlementUnderTest> {
  const environment = readEnvironment(entitlementEnvironment, {
    TALLYWARD_HTTP_PORT: '1',
    TALLYWARD_KAFKA_BROKERS: bed.brokers.join(','),
    TALLYWARD_TOPIC_PREFIX: bed.namespace,
    TALLYWARD_INSTANCE: 'entitlement-spec',
    TALLYWARD_POSTGRES_URL: bed.postgres.entitlement,
    TALLYWARD_INTERNAL_SECRET: bed.internalSecret,
    TALLYWARD_OPERATOR_KEY: OPERATOR_KEY,
    TALLYWARD_LOG_LEVEL: 'trace',
    ...more,
  });
  const lines: string[] = [];
  const log = createLogger({
    service: 'entitlement',
    instance: environment.TALLYWARD_INSTANCE,
    level: environment.TALLYWARD_LOG_LEVEL,
    secrets: [environment.TALLYWARD_INTERNAL_SECRET, environment.TALLYWARD_OPERATOR_KEY],
    to: { write: (line) => void lines.push(line) },
  });
  const running = await startEntitlement({ ...environment, TALLYWARD_HTTP_PORT: 0 }, log);
  const asked = (line: string, what: Ask) => ask(running.address, bed.internalSecret, line, what);
  return {
    ...running,
    lines,
    ask: asked,
    newProject: async (name = 'Chat') => {
      const { body } = await asked('POST /v1/projects', { as: OPERATOR, body: { name } });
      return { project: String(body.project), key: String(body.key) };
    },
  };
}
