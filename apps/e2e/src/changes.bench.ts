import {
  digits,
  Latencies,
  until,
  type Bench,
  type BenchRun,
  type Figure,
} from '@tallyward/testing';
import { Stack } from './stack.builder';

const ROUNDS = 200;
const QUICK_ROUNDS = 3;
const GATEWAYS = 2;
/** Each gateway is asked again so soon after its answer. */
const LOOK_EVERY_MS = 5;
/** A change that no gateway knows of by then is lost. */
const LOST_MS = 30_000;
/** CONTRACT: a change reaches every gateway within a second. */
const WITHIN_MS = 1_000;
const MODEL = 'bench-changes';
const TIERS = ['Before', 'After'] as const;

/** One thing that changes: made ready, changed, and seen at a gateway. */
interface Change {
  readonly what: string;
  /** `name`: of a customer or key of its own. */
  ready(name: string): Promise<Ready>;
}

interface Ready {
  change(): Promise<unknown>;
  isSeen(gateway: number): Promise<boolean>;
}

class Changes {
  readonly all: readonly Change[] = [
    { what: 'another tier', ready: (name) => this.tier(name) },
    { what: 'a customer switched off', ready: (name) => this.switchOff(name) },
    { what: 'a key revoked', ready: (name) => this.revoke(name) },
  ];

  constructor(private readonly stack: Stack) {}

  async prepare(): Promise<void> {
    const limit = { scope: 'customer', modelGroup: '*', window: 'month', onLimit: 'block' };
    const limits = [{ ...limit, unit: 'calls', amount: 1_000_000 }];
    await this.put(`/v1/models/${MODEL}`, { group: 'standard' });
    for (const name of TIERS) await this.post('/v1/tiers', { name, limits });
    await this.put('/v1/settings', { defaultTier: { name: TIERS[0], version: 1 } });
  }

  private async tier(customer: string): Promise<Ready> {
    await this.isLeasedEverywhere(customer);
    const tier = { name: TIERS[1], version: 1, effective: 'now', reason: 'a bench' };
    return {
      change: () => this.put(`/v1/customers/${customer}/tier`, tier),
      isSeen: async (at) => (await this.decide(customer, at)).tier?.name === TIERS[1],
    };
  }

  private async switchOff(customer: string): Promise<Ready> {
    await this.isLeasedEverywhere(customer);
    return {
      change: () => this.put(`/v1/customers/${customer}`, { disabled: true }),
      isSeen: async (at) => (await this.decide(customer, at)).reason === 'disabled',
    };
  }

  private async revoke(name: string): Promise<Ready> {
    const made = await this.post<{ id: string; key: string }>('/v1/keys', {
      name,
      scopes: ['read'],
    });
    const statusAt = async (gateway: number): Promise<number> =>
      (await this.stack.ask('/v1/customers/nobody', { gateway, key: made.key })).status;
    for (let at = 0; at < GATEWAYS; at += 1) await seen(async () => (await statusAt(at)) !== 401);
    return {
      change: () => this.stack.done(`/v1/keys/${made.id}`, { method: 'DELETE' }),
      isSeen: async (at) => (await statusAt(at)) === 401,
    };
  }

  /** Every gateway has a lease for it: nothing that it knows needs another word. */
  private async isLeasedEverywhere(customer: string): Promise<void> {
    for (let at = 0; at < GATEWAYS; at += 1) await this.decide(customer, at);
  }

  private decide(customer: string, gateway: number) {
    const body = { customer, model: MODEL, estimate: { inputTokens: 1 } };
    type Decided = { reason: string | null; tier: { name: string } | null };
    return this.stack.done<Decided>('/v1/decisions', { method: 'POST', body, gateway });
  }

  private put(path: string, body: object) {
    return this.stack.done(path, { method: 'PUT', body });
  }

  private post<T>(path: string, body: object) {
    return this.stack.done<T>(path, { method: 'POST', body });
  }
}

/** Looks on until it is true. */
function seen(look: () => Promise<boolean>): Promise<boolean> {
  return until(look, { what: 'a change', withinMs: LOST_MS, everyMs: LOOK_EVERY_MS });
}

/** From the answer to who changes it until the last gateway decides by it, ms. */
async function measure(run: BenchRun, { what, ready }: Change): Promise<Figure> {
  const took = new Latencies();
  const name = what.replaceAll(' ', '-');
  for (let round = 0; round < (run.quick ? QUICK_ROUNDS : ROUNDS); round += 1) {
    const { change, isSeen } = await ready(`${name}-${round}`);
    await change();
    const changedAt = performance.now();
    await Promise.all(
      Array.from({ length: GATEWAYS }, (_, gateway) => seen(() => isSeen(gateway))),
    );
    took.add(performance.now() - changedAt);
  }
  const [p50, p99, most] = [took.at(0.5), took.at(0.99), took.at(1)];
  return {
    what: `${what} → at all ${GATEWAYS} gateways`,
    ours: `p50 ${digits(p50)} ms, p99 ${digits(p99)} ms, max ${digits(most)} ms`,
    against: `${digits(took.count)} changes, one after the other`,
    budget: { text: 'all < 1 s', met: most < WITHIN_MS },
    numbers: { p50, p99, most },
  };
}

export const benches: readonly Bench[] = [
  {
    name: 'changes',
    about: 'from the answer to a change until every gateway decides by it: tier, switch, key',
    async run(run) {
      const stack = await Stack.on(await run.bed(), { gateways: GATEWAYS });
      const changes = new Changes(stack);
      await changes.prepare();
      const figures: Figure[] = [];
      for (const change of changes.all) figures.push(await measure(run, change));
      return figures;
    },
  },
];
