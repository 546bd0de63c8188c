import { freePort } from '@tallyward/local';
import {
  testbed,
  until,
  type SentEvent,
  type Service,
  type ServiceName,
  type Testbed,
  type TestbedOptions,
} from '@tallyward/testing';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { RECONCILE, runScript, type ScriptEnd } from './script.builder';

/** For `beforeAll`: engines of its own and three services, on a busy machine. */
export const START_WITHIN_MS = 150_000;
const REQUEST_DEADLINE_MS = 30_000;
const FOLDED_WITHIN_MS = 60_000;
/** A gateway that starts beside cold engines waits for its consumer groups first. */
const KNOWN_WITHIN_MS = 60_000;

export interface StackOptions extends TestbedOptions {
  readonly gateways?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** What one of the services is given on top, as a broker's address that leads over a proxy. */
  envOf?(service: ServiceName): Readonly<Record<string, string>>;
  /** Called with the bed before any service starts. */
  before?(bed: Testbed): Promise<void>;
  /** Every span is written to `{service}.spans` in the bed's folder. */
  readonly traces?: boolean;
}

export interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string;
  /** Which gateway; the first. */
  readonly gateway?: number;
}

export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: T;
}

/** The three services as processes, on real engines, met as a user meets them. */
export class Stack {
  private constructor(
    readonly bed: Testbed,
    readonly entitlement: Service,
    readonly aggregator: Service,
    readonly gateways: readonly Service[],
    /** The operator's: admin of project demo. */
    readonly operatorKey: string,
    private readonly behind: Readonly<Record<string, string>>,
  ) {}

  static async start(options: StackOptions = {}): Promise<Stack> {
    const bed = await testbed(options);
    try {
      return await Stack.on(bed, options);
    } catch (error) {
      await bed.close();
      throw error;
    }
  }

  /** On a bed that somebody else closes. */
  static async on(bed: Testbed, options: Omit<StackOptions, 'own'> = {}): Promise<Stack> {
    const operatorKey = `tw_${randomBytes(8).toString('hex')}_${randomBytes(22).toString('hex').slice(1)}`;
    await options.before?.(bed);
    const env = (service: ServiceName): Record<string, string> => ({
      ...(options.traces
        ? {
            TALLYWARD_TRACE_RATIO: '1',
            TALLYWARD_TRACE_FILE: join(bed.directory, `${service}.spans`),
          }
        : {}),
      ...options.env,
      ...options.envOf?.(service),
    });
    const ports = await Promise.all([freePort(), freePort()]);
    const [entitlementPort, aggregatorPort] = ports.map(String) as [string, string];
    const behind = {
      TALLYWARD_ENTITLEMENT_URL: `http://127.0.0.1:${entitlementPort}`,
      TALLYWARD_AGGREGATOR_URL: `http://127.0.0.1:${aggregatorPort}`,
    };
    const [entitlement, aggregator, ...gateways] = await Promise.all([
      bed.spawnService('entitlement', {
        ...env('entitlement'),
        TALLYWARD_HTTP_PORT: entitlementPort,
        TALLYWARD_OPERATOR_KEY: operatorKey,
      }),
      bed.spawnService('aggregator', {
        TALLYWARD_ENTITLEMENT_URL: behind.TALLYWARD_ENTITLEMENT_URL,
        ...env('aggregator'),
        TALLYWARD_HTTP_PORT: aggregatorPort,
      }),
      ...Array.from({ length: options.gateways ?? 1 }, () =>
        bed.spawnService('gateway', { ...env('gateway'), ...behind }),
      ),
    ]);
    const stack = new Stack(bed, entitlement, aggregator, gateways, operatorKey, behind);
    for (const gateway of gateways) await stack.known(gateway);
    return stack;
  }

  /** One more, which is none of `gateways`. */
  async anotherGateway(env: Readonly<Record<string, string>>): Promise<Service> {
    const gateway = await this.bed.spawnService('gateway', { ...this.behind, ...env });
    await this.known(gateway);
    return gateway;
  }

  private async known({ url, instance }: Service): Promise<void> {
    const headers = { authorization: `Bearer ${this.operatorKey}` };
    const isKnown = async () => (await fetch(`${url}/v1/settings`, { headers })).ok;
    await until(isKnown, {
      what: `${instance} to know the operator key`,
      withinMs: KNOWN_WITHIN_MS,
    });
  }

  /** What is answered to a request that nothing speaks against; throws where something does. */
  async done<T = Record<string, unknown>>(path: string, asked: Asked = {}): Promise<T> {
    const { status, text, body } = await this.ask<T>(path, asked);
    if (status >= 300) throw new Error(`${asked.method ?? 'GET'} ${path}: ${status} ${text}`);
    return body;
  }

  async ask<T = Record<string, unknown>>(path: string, asked: Asked = {}): Promise<Answer<T>> {
    const { method = 'GET', body, headers = {}, key = this.operatorKey, gateway = 0 } = asked;
    const answer = await fetch(`${this.gateways[gateway]?.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: textOf(body) }),
      signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
    });
    const text = await answer.text();
    const json = (answer.headers.get('content-type') ?? '').includes('json') && text !== '';
    const read = (json ? JSON.parse(text) : {}) as T;
    return { status: answer.status, headers: answer.headers, text, body: read };
  }

  send(events: readonly SentEvent[], asked: Asked = {}): Promise<Answer> {
    const headers = { 'content-type': 'application/cloudevents-batch+json', ...asked.headers };
    return this.ask('/v1/events', { ...asked, method: 'POST', body: events, headers });
  }

  /** Resolves when both folds have what the log has now, by this stack's own services. */
  folded(): Promise<void> {
    const services = { entitlementUrl: this.entitlement.url, aggregatorUrl: this.aggregator.url };
    return this.bed.drained(FOLDED_WITHIN_MS, services);
  }

  reconcile(...args: string[]): Promise<ScriptEnd> {
    return runScript(this.bed, RECONCILE, args);
  }

  close(): Promise<void> {
    return this.bed.close();
  }
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}
