import { DEFAULT_SETTINGS, type ProjectSnapshot, type Scope } from '@tallyward/contracts';
import { createLogger, type HttpService } from '@tallyward/platform';
import { createHash, randomBytes } from 'node:crypto';
import { FakeLog } from './fake-log.builder';
import { createGateway } from './gateway';
import type { IngestLimits } from './record-usage/ingest-limits';

export const SECRET = 'an-internal-secret-of-at-least-32-characters';

export interface MadeKey {
  readonly key: string;
  readonly snapshot: ProjectSnapshot['keys'][number];
}

const letters = (count: number): string =>
  randomBytes(count * 2)
    .toString('hex')
    .slice(0, count);

/** An API key, and what the snapshot says of it. */
export function madeKey(
  scopes: Scope[],
  more: Partial<ProjectSnapshot['keys'][number]> = {},
): MadeKey {
  const [keyId, secret] = [letters(16), letters(43)];
  const hash = createHash('sha256').update(secret).digest('hex');
  const snapshot = { keyId, hash, name: 'a key', scopes, operator: false, expiresAt: null };
  return { key: `tw_${keyId}_${secret}`, snapshot: { ...snapshot, ...more } };
}

export function projectOf(project: string, keys: MadeKey[], version = 1): ProjectSnapshot {
  return {
    project,
    name: project,
    version,
    settings: DEFAULT_SETTINGS,
    keys: keys.map(({ snapshot }) => snapshot),
    models: { 'gpt-4o': 'premium' },
    groups: { standard: { defaultModel: null }, premium: { defaultModel: 'gpt-4o' } },
  };
}

export const usageEvent = (more: object = {}) => ({
  specversion: '1.0',
  id: 'call-1',
  source: 'chat-app',
  type: 'llm.usage.v1',
  subject: 'acme',
  time: new Date(Date.now() - 60_000).toISOString(),
  data: { model: 'gpt-4o', inputTokens: 374, outputTokens: 44, tags: { feature: 'summarise' } },
  ...more,
});

export interface TestGateway {
  readonly url: string;
  readonly log: FakeLog;
  readonly lines: string[];
  readonly service: HttpService;
  close(): Promise<void>;
}

export interface TestGatewayOptions {
  readonly limits?: IngestLimits;
  readonly entitlement?: string;
  readonly aggregator?: string;
  readonly consoleDir?: string;
}

/** A gateway over a log in memory, on a port of its own. */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const log = new FakeLog();
  const lines: string[] = [];
  const service = await createGateway({
    environment: {
      TALLYWARD_BIND: '127.0.0.1',
      TALLYWARD_HTTP_PORT: 0,
      TALLYWARD_KAFKA_BROKERS: [],
      TALLYWARD_TOPIC_PREFIX: '',
      TALLYWARD_INSTANCE: 'gateway-1',
      TALLYWARD_LOG_LEVEL: 'debug',
      TALLYWARD_INTERNAL_SECRET: SECRET,
      TALLYWARD_TRACE_RATIO: 0,
      TALLYWARD_ENTITLEMENT_URL: options.entitlement ?? 'http://127.0.0.1:1',
      TALLYWARD_AGGREGATOR_URL: options.aggregator ?? 'http://127.0.0.1:1',
      TALLYWARD_CONSOLE_DIR: options.consoleDir,
    },
    log,
    lines: createLogger({
      service: 'gateway',
      instance: 'gateway-1',
      level: 'debug',
      secrets: [SECRET],
      to: { write: (line) => void lines.push(line) },
    }),
    fatal: (error) => {
      throw error;
    },
    ...(options.limits ? { limits: options.limits } : {}),
  });
  const url = await service.listen();
  return { url, log, lines, service, close: () => service.close() };
}
