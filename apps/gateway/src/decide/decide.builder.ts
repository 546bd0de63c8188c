import {
  type DecisionAnswer,
  decisionAnswer,
  DEFAULT_SETTINGS,
  type DecisionRecorded,
  type Settings,
  type TierLimit,
  TOPICS,
} from '@tallyward/contracts';
import {
  madeKey,
  type MadeKey,
  projectOf,
  startTestGateway,
  type TestGateway,
  type TestGatewayOptions,
} from '../gateway.builder';
import { FakeEntitlement } from '../leases/entitlement.builder';

const MODELS = { 'gpt-4o': 'premium', 'gpt-4o-mini': 'standard', o1: 'reasoning' };
const GROUPS = {
  standard: { defaultModel: null },
  premium: { defaultModel: 'gpt-4o' },
  reasoning: { defaultModel: null },
  empty: { defaultModel: null },
};
export const NEWCOMERS = { name: 'Newcomers', version: 1 };

/** 100 calls a month on premium that block, but for what a test says. */
export function aTierLimit(more: Partial<TierLimit> = {}): TierLimit {
  return {
    scope: 'customer',
    modelGroup: 'premium',
    unit: 'calls',
    window: 'month',
    amount: 100,
    onLimit: 'block',
    restrictTo: null,
    replenishment: { kind: 'reset' },
    message: null,
    ...more,
  };
}

export interface Deciding {
  readonly gateway: TestGateway;
  /** May decide and report usage. */
  readonly key: MadeKey;
  readonly entitlement: FakeEntitlement;
  /** A customer of its own, on a tier of its own with these limits. */
  customer(...limits: TierLimit[]): string;
  /** Asks for a decision about gpt-4o; the answer as the contract reads it. */
  decide(customer: string, body?: object): Promise<DecisionAnswer>;
  /** The same, whatever comes back. */
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** What the decision log took about a customer. */
  recorded(customer: string): DecisionRecorded[];
  settings(change: Partial<Settings>): void;
}

/** The tier that `customer` made for a customer. */
export const tierOf = (customer: string) => ({ name: `Tier of ${customer}`, version: 1 });

/** A gateway with an entitlement in memory. */
export async function startDeciding(options: TestGatewayOptions = {}): Promise<Deciding> {
  const gateway = await startTestGateway(options);
  const key = madeKey(['decide', 'ingest']);
  let version = 0;
  let lastCustomer = 0;
  const settings = (change: Partial<Settings>): void => {
    version += 1;
    gateway.log.snapshot('p:demo', {
      ...projectOf('demo', [key], version),
      models: MODELS,
      groups: GROUPS,
      settings: { ...DEFAULT_SETTINGS, defaultTier: NEWCOMERS, ...change },
    });
  };
  settings({});
  const entitlement = new FakeEntitlement(gateway.log, NEWCOMERS);
  entitlement.tier(NEWCOMERS, [aTierLimit({ amount: 3 })]);
  gateway.log.catchUp();
  const post = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${gateway.url}/v1/decisions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key.key}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    gateway,
    key,
    entitlement,
    post,
    settings,
    customer: (...limits) => {
      const name = `customer-${++lastCustomer}`;
      entitlement.tier(tierOf(name), limits);
      entitlement.customer(name, tierOf(name));
      return name;
    },
    decide: async (customer, body = {}) => {
      const response = await post({ customer, model: 'gpt-4o', ...body });
      const text = await response.text();
      if (response.status !== 200) throw new Error(text);
      return decisionAnswer.parse(JSON.parse(text));
    },
    recorded: (customer) =>
      (gateway.log.written.get(TOPICS.quotaDecisions.name) ?? [])
        .map(({ value }) => JSON.parse(String(value)) as DecisionRecorded)
        .filter((decision) => decision.customer === customer),
  };
}
