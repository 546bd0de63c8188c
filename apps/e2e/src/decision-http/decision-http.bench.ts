import { CHECKOUT } from '@tallyward/local';
import {
  BareAsk,
  inFlight,
  Latencies,
  latencyText,
  spreadOf,
  type Bench,
  type BenchRun,
  type Figure,
  type Service,
} from '@tallyward/testing';
import { join } from 'node:path';
import { Stack } from '../stack.builder';
import { Lanes, named, NARROW, prepare, WIDE } from './bench-lanes.builder';
import { RouteProcess } from './route-process.builder';

const CONSTANT = join(CHECKOUT, 'apps/e2e/dist/decision-http/constant-decisions.js');
const ROUNDS = 5;
const LEASED = { customers: 200, calls: 10_000, quick: 200, before: 2_000 };
const ASKED = { calls: 200, quick: 20 };
/** DESIGN §7. */
const BUDGET = { rate: 0.7, addedMs: 1, asked: 1.3 };

/** Turn about: our median time over theirs, round by round. */
async function asked(
  run: BenchRun,
  what: string,
  ours: (round: number) => Promise<Latencies>,
  bare: (round: number) => Promise<Latencies>,
): Promise<Figure> {
  const ratios: number[] = [];
  let [mine, theirs] = [new Latencies(), new Latencies()];
  for (let round = 0; round <= (run.quick ? 1 : ROUNDS); round += 1) {
    [mine, theirs] = [await ours(round), await bare(round)];
    run.tell(`${what}, round ${round}: ${latencyText(mine)}; bare ${latencyText(theirs)}`);
    if (round > 0) ratios.push(mine.at(0.5) / theirs.at(0.5));
  }
  const ratio = spreadOf(ratios);
  return {
    what,
    ours: latencyText(mine),
    against: `bare ask, transaction, grant: ${latencyText(theirs)}`,
    ratio,
    budget: { text: `≤ ${BUDGET.asked}`, met: ratio.median <= BUDGET.asked },
    notes: ['the times are those of the last round; the ratio is that of the medians'],
    numbers: { ratio: ratio.median },
  };
}

async function coldAndLast(run: BenchRun, stack: Stack, bare: BareAsk): Promise<Figure[]> {
  const calls = run.quick ? ASKED.quick : ASKED.calls;
  const figures: Figure[] = [];
  for (const atOnce of [1, 16]) {
    const lanes = new Lanes(stack.gateways[0]?.url ?? '', stack.operatorKey, atOnce);
    const bareRound = async (round: number): Promise<Latencies> => {
      const took = new Latencies();
      await inFlight(named(`bare-${atOnce}-${round}`, calls), atOnce, async (customer) => {
        const startedAt = performance.now();
        await bare.ask(customer);
        took.add(performance.now() - startedAt);
      });
      return took;
    };
    const cold = (round: number) => lanes.decide(named(`cold-${atOnce}-${round}`, calls), WIDE);
    const last = async (round: number): Promise<Latencies> => {
      const customers = named(`last-${atOnce}-${round}`, calls);
      await lanes.decide(customers, NARROW);
      return lanes.decide(customers, NARROW);
    };
    figures.push(await asked(run, `cold, ${atOnce} in flight`, cold, bareRound));
    figures.push(await asked(run, `last slice, ${atOnce} in flight`, last, bareRound));
  }
  return figures;
}

async function leased(run: BenchRun, stack: Stack): Promise<Figure[]> {
  const route = await RouteProcess.serve({ how: 'constant' }, run.brokenOff);
  const constant = await stack.anotherGateway({ NODE_OPTIONS: `--require ${CONSTANT}` });
  try {
    return await leasedAgainst(run, stack, { route, constant });
  } finally {
    await constant.stop();
    await route.end();
  }
}

interface Bare {
  /** A gateway whose route of decisions answers a constant. */
  readonly constant: Service;
  /** A server that does nothing else. */
  readonly route: RouteProcess;
}

async function leasedAgainst(
  run: BenchRun,
  stack: Stack,
  { route, constant }: Bare,
): Promise<Figure[]> {
  const calls = run.quick ? LEASED.quick : LEASED.calls;
  const figures: Figure[] = [];
  for (const atOnce of [1, 16]) {
    const ours = new Lanes(stack.gateways[0]?.url ?? '', stack.operatorKey, atOnce);
    const same = new Lanes(constant.url, stack.operatorKey, atOnce);
    const bare = new Lanes(route.url, stack.operatorKey, atOnce);
    const customers = Array.from({ length: calls }, (_, n) => `leased-${n % LEASED.customers}`);
    let [mine, theirs] = [new Latencies(), new Latencies()];
    const { figures: compared } = await run.compare({
      what: `leased, ${atOnce} in flight`,
      each: 'call',
      ours: {
        name: 'gateway',
        // Its leases are over while the others have their turn.
        prepare: async () => {
          await ours.decide(customers.slice(0, LEASED.before), WIDE);
        },
        run: async () => {
          mine = await ours.decide(customers, WIDE);
          return calls;
        },
      },
      bare: [
        {
          name: 'the same route, answering a constant',
          budget: BUDGET.rate,
          run: async () => {
            theirs = await same.decide(customers, WIDE);
            return calls;
          },
        },
        {
          name: 'a server that does nothing but answer',
          run: async () => {
            await bare.decide(customers, WIDE);
            return calls;
          },
        },
      ],
      rounds: run.quick ? 1 : ROUNDS,
      processes: { gateway: () => stack.gateways[0]?.pid, constant: () => constant.pid },
    });
    const added = mine.at(0.5) - theirs.at(0.5);
    const times = `gateway ${latencyText(mine)}; constant ${latencyText(theirs)}`;
    const verdict = added <= BUDGET.addedMs ? 'met' : 'missed';
    const note = `${times}: ${added.toFixed(2)} ms more (at most ${BUDGET.addedMs}: ${verdict})`;
    figures.push(...compared.map((one) => ({ ...one, notes: [note, ...(one.notes ?? [])] })));
  }
  return figures;
}

export const benches: readonly Bench[] = [
  {
    name: 'decision-http',
    about:
      'decisions over HTTP: leased, against a constant; cold and last slice, against bare asks',
    async run(run) {
      const bed = await run.bed();
      const stack = await Stack.on(bed);
      await prepare(stack);
      const { brokers, namespace, postgres } = bed;
      const bare = await BareAsk.open({ brokers, namespace, postgres: postgres.admin });
      try {
        return [...(await leased(run, stack)), ...(await coldAndLast(run, stack, bare))];
      } finally {
        await bare.close();
      }
    },
  },
];
