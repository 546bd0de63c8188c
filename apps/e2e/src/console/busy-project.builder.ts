import { inFlight, until, usageEvents } from '@tallyward/testing';
import type { Stack } from '../stack.builder';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MODELS = { 'gpt-4o-mini': 'standard', 'gpt-4o': 'premium', o3: 'reasoning' } as const;
const CUSTOMERS = ['globex', 'initech', 'umbrella', 'hooli', 'stark', 'wayne', 'acme', 'soylent'];
const EVENTS = 600;
const BATCH = 100;
const CALLS = 30;
const FOLDED_WITHIN_MS = 60_000;
const limit = { scope: 'customer', window: 'month' } as const;

const STARTER = {
  name: 'Starter',
  limits: [
    { ...limit, modelGroup: 'standard', unit: 'calls', amount: 500, onLimit: 'block' },
    {
      ...limit,
      ...{ modelGroup: 'premium', unit: 'tokens', amount: 40_000 },
      ...{ onLimit: 'block', message: 'Your plan includes 40,000 premium tokens a month.' },
    },
    { ...limit, modelGroup: 'reasoning', unit: 'calls', amount: 0, onLimit: 'block' },
  ],
};
const PROFESSIONAL = {
  name: 'Professional',
  limits: [
    { ...limit, modelGroup: 'standard', unit: 'calls', amount: 5_000, onLimit: 'allow' },
    {
      ...limit,
      ...{ modelGroup: 'premium', unit: 'tokens', amount: 200_000 },
      ...{ onLimit: 'restrict', restrictTo: 'standard' },
    },
    {
      ...limit,
      window: 'hour',
      modelGroup: 'reasoning',
      unit: 'calls',
      amount: 20,
      onLimit: 'throttle',
    },
  ],
};

/** A project that looks used: models, two tiers, eight customers, a day of usage, refusals. */
export async function busyProject(stack: Stack): Promise<void> {
  for (const [model, group] of Object.entries(MODELS)) {
    await stack.done(`/v1/models/${model}`, { method: 'PUT', body: { group } });
  }
  await stack.done('/v1/model-groups/standard', {
    method: 'PUT',
    body: { defaultModel: 'gpt-4o-mini' },
  });
  for (const body of [STARTER, PROFESSIONAL])
    await stack.done('/v1/tiers', { method: 'POST', body });
  const closing = { every: 'hour', grace: 'PT0S' };
  const defaultTier = { name: 'Starter', version: 1 };
  await stack.done('/v1/settings', { method: 'PUT', body: { closing, defaultTier } });
  await use(stack);
  for (const customer of CUSTOMERS.slice(0, CUSTOMERS.length / 2)) {
    await stack.done(`/v1/customers/${customer}/tier`, {
      method: 'PUT',
      body: { name: 'Professional', version: 1, effective: 'now', reason: 'signed a contract' },
    });
  }
  await callOften(stack);
}

async function use(stack: Stack): Promise<void> {
  const models = Object.keys(MODELS);
  const events = usageEvents(EVENTS, (n) => ({
    customer: CUSTOMERS[Math.floor((n * n) / 7) % CUSTOMERS.length] ?? 'acme',
    model: models[(n * 5) % models.length] ?? 'o3',
    time: Date.now() - Math.floor((DAY_MS * (n % 97)) / 97) - 60_000,
  }));
  for (let at = 0; at < EVENTS; at += BATCH) {
    const { status, text } = await stack.send(events.slice(at, at + BATCH));
    if (status !== 202) throw new Error(`${status}: ${text}`);
  }
  const services = { entitlementUrl: stack.entitlement.url, aggregatorUrl: stack.aggregator.url };
  await stack.bed.drained(FOLDED_WITHIN_MS, services);
}

/** Decisions of each outcome, as far as the tiers give them. */
async function callOften(stack: Stack): Promise<void> {
  const models = Object.keys(MODELS);
  const calls = Array.from({ length: CALLS }, (_, n) => n);
  await inFlight(calls, 2, async (n) => {
    const customer = CUSTOMERS[n % CUSTOMERS.length];
    const estimate = { inputTokens: 900, maxOutputTokens: 400 };
    const body = { customer, model: models[n % models.length], estimate, hold: n % 2 === 0 };
    await stack.done('/v1/decisions', { method: 'POST', body });
  });
  await until(
    async () => {
      const { data } = await stack.done<{ data: unknown[] }>('/v1/decisions?limit=5');
      return data.length > 0;
    },
    { what: 'the refusals to be told' },
  );
}
