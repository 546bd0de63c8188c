import type { Browser } from 'playwright-core';
import { digits, type Bench, type BenchRun, type Figure } from '@tallyward/testing';
import { Stack } from '../stack.builder';
import { openBrowser, Visitor } from './browser.builder';
import { consoleEnvironment } from './console-stack.builder';
import { CustomersScreen } from './ten-thousand-screen.builder';
import type { Took } from './ten-thousand-watch.builder';
import { TenThousand } from './ten-thousand.builder';

const CUSTOMERS = 10_000;
const QUICK_CUSTOMERS = 500;
const ROUNDS = 5;
/** Issue 7: an interaction takes less than this. */
const WITHIN_MS = 200;

type Step = readonly [what: string, act: (screen: CustomersScreen) => Promise<Took>];

const STEPS: readonly Step[] = [
  ['types a search', (screen) => screen.search()],
  ['takes the search away', (screen) => screen.clear()],
  ['sets “Near a limit”', (screen) => screen.near()],
  ['sets “At or over”', (screen) => screen.over()],
  ['sets “All”', (screen) => screen.everybody()],
  ['picks the second tier', (screen) => screen.secondTier()],
  ['picks every tier', (screen) => screen.everyTier()],
  ['scrolls by the wheel', (screen) => screen.wheel()],
  ['jumps to the top', (screen) => screen.top()],
];

/** What one step took over all rounds. */
function figureOf(what: string, took: readonly Took[]): Figure {
  const of = (name: keyof Took): number[] => took.map((one) => one[name]).sort((a, b) => a - b);
  const [paint, shown, busy, frame] = [of('paint'), of('shown'), of('busy'), of('frame')];
  const processor = of('processor');
  const most = paint.at(-1) ?? NaN;
  return {
    what,
    ours: `next paint ${spread(paint)}`,
    against: `what was asked for on screen ${spread(shown)}`,
    budget: { text: `next paint < ${WITHIN_MS} ms`, met: most < WITHIN_MS },
    notes: [
      `main thread's processor time in all ${spread(processor)}`,
      `longest task ${spread(busy)}, longest frame ${spread(frame)}`,
    ],
    numbers: {
      paint: most,
      shown: shown.at(-1) ?? NaN,
      busy: busy.at(-1) ?? NaN,
      processor: processor.at(-1) ?? NaN,
    },
  };
}

const spread = (sorted: readonly number[]): string =>
  `${digits(sorted[Math.floor(sorted.length / 2)] ?? NaN)} ms, max ${digits(sorted.at(-1) ?? NaN)}`;

async function steps(run: BenchRun, screen: CustomersScreen, how: string): Promise<Figure[]> {
  const took = new Map<string, Took[]>(STEPS.map(([what]) => [what, []]));
  for (let round = 0; round < (run.quick ? 1 : ROUNDS); round += 1) {
    for (const [what, act] of STEPS) took.get(what)?.push(await act(screen));
  }
  return [...took].map(([what, all]) => figureOf(`${what}, ${how}`, all));
}

async function look(
  run: BenchRun,
  browser: Browser,
  url: string,
  key: string,
  people: TenThousand,
) {
  const visitor = await Visitor.at(browser, url);
  const screen = new CustomersScreen(visitor, people);
  await screen.install();
  await visitor.signIn(key);
  const opened = await screen.open();
  const figures = await steps(run, screen, 'a page of 100 loaded');
  run.tell('scrolling to the end');
  const all = await screen.end();
  const scrolled = await steps(run, screen, 'all of them loaded');
  await visitor.close();
  const count = digits(people.count);
  const reached: Figure = {
    what: `opens Customers with ${count}, then scrolls to the last`,
    ours: `first rows ${digits(opened)} ms after the address was entered`,
    against: `the last after ${digits(all.ms)} ms and ${digits(all.pages)} pages`,
    notes: [`at most ${all.drawn} rows drawn at once; longest task ${digits(all.busy)} ms`],
    numbers: { opened, end: all.ms, drawn: all.drawn, busy: all.busy },
  };
  return [reached, ...figures, ...scrolled];
}

export const benches: readonly Bench[] = [
  {
    name: 'ten-thousand',
    about: `the console's Customers with ${CUSTOMERS} of them: each interaction, in a browser`,
    async run(run) {
      const bed = await run.bed();
      const stack = await Stack.on(bed, { env: consoleEnvironment() });
      const people = new TenThousand(run.quick ? QUICK_CUSTOMERS : CUSTOMERS);
      await people.fill(stack, run.tell);
      const browser = await openBrowser();
      try {
        const url = stack.gateways[0]?.url ?? '';
        return await look(run, browser, url, stack.operatorKey, people);
      } finally {
        await browser.close();
      }
    },
  },
];
