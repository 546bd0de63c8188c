import { digits, inFlight, usageEvent, type SentEvent } from '@tallyward/testing';
import type { Stack } from '../stack.builder';

const DAY_MS = 86_400_000;
const MODELS = { 'gpt-4o-mini': 'standard', 'gpt-4o': 'premium' } as const;
const TOKENS = 100_000;
/** Calls of each customer: one of today that fills its limit, the others over the week. */
const CALLS = 5;
const BATCH = 1_000;
const IN_FLIGHT = 4;
/** The fold of this many events, on a machine that others use too. */
const FOLDED_WITHIN_MS = 300_000;
/** Of fifty customers in a row one is over its limit, and one more is near. */
const [STRETCH, OVER, NEAR] = [50, 7, 8] as const;
const OVER_SHARE = 1.1;
const NEAR_SHARE = 0.9;
/** The next-to-last customers and the last of them are on the second tier. */
const FIRST_TIERS_SHARE = 0.7;

const limit = { scope: 'customer', window: 'month' } as const;
const standard = { ...limit, modelGroup: 'standard', unit: 'tokens', amount: TOKENS };
const premium = { ...limit, modelGroup: 'premium', unit: 'calls' };
const TIERS = [
  {
    name: 'Starter',
    limits: [
      { ...standard, onLimit: 'block' },
      { ...premium, amount: 500, onLimit: 'block' },
    ],
  },
  {
    name: 'Professional',
    limits: [
      { ...standard, onLimit: 'allow' },
      { ...premium, amount: 5_000, onLimit: 'restrict', restrictTo: 'standard' },
    ],
  },
] as const;

/** Customers of a project by their ids, in the list's order, and who of them a filter finds. */
export class TenThousand {
  readonly all: readonly string[];

  constructor(readonly count: number) {
    this.all = Array.from({ length: count }, (_, n) => `customer-${String(n).padStart(5, '0')}`);
  }

  get over(): string[] {
    return this.all.filter((_, n) => n % STRETCH === OVER);
  }

  get near(): string[] {
    return this.all.filter((_, n) => n % STRETCH === OVER || n % STRETCH === NEAR);
  }

  /** Those whose id has this in it. */
  named(part: string): string[] {
    return this.all.filter((customer) => customer.includes(part));
  }

  /** Those on the second of the tiers. */
  get professional(): string[] {
    return this.all.slice(this.starters);
  }

  /** Makes the models, the tiers and, by their first calls, the customers. */
  async fill(stack: Stack, tell: (line: string) => void = () => undefined): Promise<void> {
    for (const [model, group] of Object.entries(MODELS)) {
      await stack.done(`/v1/models/${model}`, { method: 'PUT', body: { group } });
    }
    for (const body of TIERS) await stack.done('/v1/tiers', { method: 'POST', body });
    const parts = [this.all.slice(0, this.starters), this.professional];
    for (const [at, customers] of parts.entries()) {
      const defaultTier = { name: TIERS[at]?.name, version: 1 };
      await stack.done('/v1/settings', { method: 'PUT', body: { defaultTier } });
      await this.use(stack, customers, at * this.starters);
      const services = {
        entitlementUrl: stack.entitlement.url,
        aggregatorUrl: stack.aggregator.url,
      };
      await stack.bed.drained(FOLDED_WITHIN_MS, services);
      tell(`${digits(customers.length)} customers on ${TIERS[at]?.name}`);
    }
  }

  private get starters(): number {
    return Math.floor(this.count * FIRST_TIERS_SHARE);
  }

  private async use(stack: Stack, customers: readonly string[], first: number): Promise<void> {
    const each = BATCH / CALLS;
    const batches = Array.from({ length: Math.ceil(customers.length / each) }, (_, n) => n);
    await inFlight(batches, IN_FLIGHT, async (batch) => {
      const from = batch * each;
      const events = customers
        .slice(from, from + each)
        .flatMap((customer, n) => callsOf(customer, first + from + n));
      const { status, text } = await stack.send(events);
      if (status !== 202) throw new Error(`${status}: ${text}`);
    });
  }
}

function callsOf(customer: string, n: number): SentEvent[] {
  const used = usageEvent({
    id: `${customer}-0`,
    customer,
    model: 'gpt-4o-mini',
    inputTokens: Math.round(shareOf(n) * TOKENS),
    outputTokens: 0,
  });
  const others = Array.from({ length: CALLS - 1 }, (_, call) =>
    usageEvent({
      id: `${customer}-${call + 1}`,
      customer,
      model: 'gpt-4o',
      inputTokens: 100 + ((n * 37 + call * 61) % 900),
      time: Date.now() - ((n * 11 + call * 29) % 60) * (DAY_MS / 10) - 60_000,
    }),
  );
  return [used, ...others];
}

/** Of the limit of standard tokens. */
function shareOf(n: number): number {
  if (n % STRETCH === OVER) return OVER_SHARE;
  return n % STRETCH === NEAR ? NEAR_SHARE : ((n * 13) % 70) / 100;
}
