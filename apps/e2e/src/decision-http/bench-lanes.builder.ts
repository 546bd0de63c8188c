import { HttpLane, inFlight, Latencies, postBytes } from '@tallyward/testing';
import type { Stack } from '../stack.builder';

/** A model for each: one whose limits are wide, and one that has two calls a month. */
export const WIDE = 'bench-wide';
export const NARROW = 'bench-narrow';

/** Requests to one server and how they are answered, so many at once. */
export class Lanes {
  constructor(
    private readonly url: string,
    private readonly key: string,
    private readonly atOnce: number,
  ) {}

  /**
   * Each customer calls once, in their order; how long each answer took. On connections of its own:
   * a server closes those that were idle while another side had its turn.
   */
  async decide(customers: readonly string[], model: string): Promise<Latencies> {
    const headers = { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' };
    const estimate = { inputTokens: 100, maxOutputTokens: 100 };
    const requests = customers.map((customer) =>
      postBytes('/v1/decisions', headers, JSON.stringify({ customer, model, estimate })),
    );
    const took = new Latencies();
    const opening = Array.from({ length: this.atOnce }, () => HttpLane.open(this.url));
    const lanes = await Promise.all(opening);
    await inFlight(requests, lanes.length, async (request, lane) => {
      const startedAt = performance.now();
      const answer = await lanes[lane]?.ask(request);
      took.add(performance.now() - startedAt);
      if (answer?.status !== 200 || !answer.body.includes('"allow"')) {
        throw new Error(`${answer?.status}: ${answer?.body}`);
      }
    }).finally(() => lanes.forEach((lane) => lane.close()));
    return took;
  }
}

/** Newcomers are on a tier with a wide group and a narrow one. */
export async function prepare(stack: Stack): Promise<void> {
  const limit = { scope: 'customer', window: 'month', onLimit: 'block' };
  const wide = { ...limit, modelGroup: 'standard' };
  const limits = [
    { ...wide, unit: 'calls', amount: 1_000_000_000 },
    { ...wide, unit: 'tokens', amount: 1_000_000_000_000 },
    { ...limit, modelGroup: 'premium', unit: 'calls', amount: 2 },
  ];
  await stack.done(`/v1/models/${WIDE}`, { method: 'PUT', body: { group: 'standard' } });
  await stack.done(`/v1/models/${NARROW}`, { method: 'PUT', body: { group: 'premium' } });
  await newcomersHave(stack, 'Bench', limits);
}

/** Makes the tier, which is that of every customer from now on who is not there yet. */
export async function newcomersHave(
  stack: Stack,
  name: string,
  limits: readonly object[],
): Promise<void> {
  await stack.done('/v1/tiers', { method: 'POST', body: { name, limits } });
  await stack.done('/v1/settings', { method: 'PUT', body: { defaultTier: { name, version: 1 } } });
}

export const named = (what: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${what}-${n}`);
