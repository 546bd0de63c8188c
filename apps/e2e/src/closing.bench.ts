import {
  assertEqual,
  digits,
  inFlight,
  spreadOf,
  until,
  usageEvents,
  type Bench,
  type BenchRun,
  type Figure,
} from '@tallyward/testing';
import { Client } from 'pg';
import { processorsOf } from './bench-stack.builder';
import { Stack } from './stack.builder';
import {
  closedPeriods,
  closedSoFar,
  insertRecordsBare,
  provenCalls,
} from './storage/closed-periods';

const HOUR_MS = 3_600_000;
const CUSTOMERS = 10_000;
const QUICK_CUSTOMERS = 200;
const MODELS = ['gpt-4o', 'o3'] as const;
/** Of each model: calls, tokens, input and output tokens. */
const LINES_OF_MODEL = 4;
const ROUNDS = 3;
const BATCH = 500;
const IN_FLIGHT = 4;
const FOLDED_WITHIN_MS = 600_000;
const CLOSED_WITHIN_MS = 900_000;
const LOOK_EVERY_MS = 100;
const TELL_EVERY_MS = 5_000;
const WITHIN_S = 60;

/** A project of its own, whose customers all call each model once in an hour that is over. */
interface Case {
  readonly what: string;
  /** The amount of a limit that allows, in calls; null: no limit allows. */
  readonly amount: number | null;
}

const CASES: readonly Case[] = [
  { what: 'no limit that allows', amount: null },
  { what: 'each past a limit that allows', amount: 1 },
];

interface Round {
  readonly seconds: number;
  readonly waited: number;
  readonly published: number;
  readonly bare: number;
  readonly processor: string;
}

class Closing {
  constructor(
    private readonly run: BenchRun,
    private readonly stack: Stack,
    private readonly customers: number,
  ) {}

  async round({ what, amount }: Case, round: number): Promise<Round> {
    const { stack, run } = this;
    const { project, key } = await this.projectWith(amount);
    await this.use(key);
    run.tell(`${what}, round ${round}: ${digits(this.customers)} customers have used`);
    const client = new Client({ connectionString: stack.bed.postgres.admin });
    await client.connect();
    try {
      const before = processorsOf(stack)();
      const took = await this.close(client, project, key);
      const processor = processorSeconds(before, processorsOf(stack)());
      await this.check(client, project, amount);
      const bare = await insertRecordsBare(stack.bed.postgres.admin, project);
      assertEqual('bare records', bare.records, this.lines());
      run.tell(`${what}, round ${round}: ${shown(took)}; bare ${bare.seconds.toFixed(1)} s`);
      return { ...took, bare: bare.seconds, processor };
    } finally {
      await client.end();
    }
  }

  lines(): number {
    return this.customers * MODELS.length * LINES_OF_MODEL;
  }

  private async projectWith(amount: number | null): Promise<{ project: string; key: string }> {
    const { stack } = this;
    const body = { name: 'closing' };
    const made = await stack.done<{ project: string; key: string }>('/v1/projects', {
      method: 'POST',
      body,
    });
    const { key } = made;
    await until(async () => (await stack.ask('/v1/settings', { key })).status === 200, {
      what: 'the new key to be known',
    });
    if (amount !== null) {
      const limit = { scope: 'customer', modelGroup: '*', unit: 'calls', window: 'month' };
      const limits = [{ ...limit, amount, onLimit: 'allow' }];
      await stack.done('/v1/tiers', { method: 'POST', key, body: { name: 'Pay', limits } });
      const defaultTier = { name: 'Pay', version: 1 };
      await stack.done('/v1/settings', { method: 'PUT', key, body: { defaultTier } });
    }
    return made;
  }

  /** Resolves when totals, warehouse and proofs have it. */
  private async use(key: string): Promise<void> {
    const { stack, customers } = this;
    const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 2 * HOUR_MS;
    const events = usageEvents(customers * MODELS.length, (n) => ({
      customer: `customer-${n % customers}`,
      model: MODELS[Math.floor(n / customers)] ?? MODELS[0],
      time: hour + n,
    }));
    const batches = Array.from({ length: Math.ceil(events.length / BATCH) }, (_, at) =>
      events.slice(at * BATCH, (at + 1) * BATCH),
    );
    await inFlight(batches, IN_FLIGHT, async (batch) => {
      const { status, text } = await stack.send(batch, { key });
      if (status !== 202) throw new Error(`${status}: ${text}`);
    });
    const services = { entitlementUrl: stack.entitlement.url, aggregatorUrl: stack.aggregator.url };
    await stack.bed.drained(FOLDED_WITHIN_MS, services);
  }

  /** From the setting that makes every hour a period until the last record is published. */
  private async close(client: Client, project: string, key: string) {
    const { stack, run, customers } = this;
    const calls = customers * MODELS.length;
    const isProven = async () => (await provenCalls(stack.bed.postgres.admin, project)) === calls;
    await until(isProven, { what: 'the proofs of the log', withinMs: FOLDED_WITHIN_MS });
    const startedAt = performance.now();
    const since = (): number => (performance.now() - startedAt) / 1_000;
    const closing = { every: 'hour', grace: 'PT0S' };
    await stack.done('/v1/settings', { method: 'PUT', key, body: { closing } });
    let [waited, told] = [0, startedAt];
    const isClosed = async (): Promise<boolean> => {
      const closed = await closedPeriods(client, project);
      if (closed > 0) waited ||= since();
      if (performance.now() - told > TELL_EVERY_MS) {
        told = performance.now();
        run.tell(`${digits(closed)} of ${digits(customers)} periods after ${since().toFixed(0)} s`);
      }
      return closed === customers;
    };
    const patience = { withinMs: CLOSED_WITHIN_MS, everyMs: LOOK_EVERY_MS };
    await until(isClosed, { what: 'all periods to be closed', ...patience });
    const seconds = since();
    const isPublished = async () => (await closedSoFar(client, project)).unpublished === 0;
    await until(isPublished, { what: 'all records to be published', ...patience });
    return { seconds, waited, published: since() };
  }

  private async check(client: Client, project: string, amount: number | null): Promise<void> {
    const found = await closedSoFar(client, project);
    assertEqual('records', found.records, this.lines());
    const beyond = amount === null ? 0 : MODELS.length - amount;
    assertEqual('calls beyond the limits', found.overage, this.customers * beyond);
  }
}

const shown = ({ seconds, waited, published }: Omit<Round, 'bare' | 'processor'>): string =>
  `closed in ${seconds.toFixed(1)} s, ${waited.toFixed(1)} of them until the first page was; ` +
  `published after ${published.toFixed(1)} s`;

type Times = ReadonlyMap<string, number>;
const processorSeconds = (before: Times, after: Times): string =>
  [...after]
    .map(([name, micros]) => `${name} ${((micros - (before.get(name) ?? 0)) / 1e6).toFixed(1)}`)
    .join(', ');

function figureOf(what: string, rounds: readonly Round[], lines: number): Figure {
  const seconds = spreadOf(rounds.map((round) => round.seconds));
  const bare = spreadOf(rounds.map((round) => round.bare));
  const ratio = spreadOf(rounds.map((round) => round.bare / round.seconds));
  const last = rounds.at(-1);
  return {
    what: `${digits(lines)} lines, ${what}`,
    ours: `closed in ${seconds.median.toFixed(1)} s`,
    against: `the same rows by a bare INSERT: ${bare.median.toFixed(1)} s`,
    ratio,
    budget: { text: `< ${WITHIN_S} s`, met: seconds.to < WITHIN_S },
    notes: [
      ...rounds.map((round) => shown(round)),
      `s of processor while it closed and published – ${last?.processor ?? ''}`,
    ],
    numbers: { seconds: seconds.median, bareSeconds: bare.median, ratio: ratio.median },
  };
}

async function measure(run: BenchRun): Promise<readonly Figure[]> {
  const stack = await Stack.on(await run.bed());
  const closing = new Closing(run, stack, run.events(CUSTOMERS, QUICK_CUSTOMERS));
  const rounds = CASES.map((): Round[] => []);
  for (let round = 1; round <= (run.quick ? 1 : ROUNDS); round += 1) {
    for (const [at, one] of CASES.entries()) rounds[at]?.push(await closing.round(one, round));
  }
  return CASES.map(({ what }, at) => figureOf(what, rounds[at] ?? [], closing.lines()));
}

export const benches: readonly Bench[] = [
  {
    name: 'closing',
    about: '10,000 customers closed into 80,000 lines, without and with a limit that allows',
    run: measure,
  },
];
