import { asked, USAGE } from './arguments';
import { Fleet } from './fleet';
import type { RowResult } from './row';
import { SCENARIOS, type Scenario } from './scenarios';
import { faultsOf, isRight, lineOf, tableOf, type Shown } from './table';

const NOT_RUN = 2;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function run(names: readonly string[], seed: number): Promise<boolean> {
  const chosen = SCENARIOS.filter(({ name }) => names.includes(name));
  const began = performance.now();
  say(`seed ${seed}; ${chosen.length} rows; engines and services come up`);
  const rows: Shown[] = [];
  const starting = Fleet.start((line) => process.stderr.write(`  ${line}\n`));
  // At once: also what still comes up is taken down when the run is broken off.
  onBreakOff(async () => {
    say(`\n${tableOf(rows)}\n\nseed ${seed}: ended before it was through`);
    await starting.then((fleet) => fleet.close());
  });
  const fleet = await starting;
  try {
    for (const scenario of chosen) {
      const shown = { result: await rowOf(scenario, fleet, seed), shows: scenario.shows };
      rows.push(shown);
      say(lineOf(shown, rows.length, chosen.length));
      if (!isRight(shown)) say(faultsOf(shown.result));
    }
  } finally {
    await fleet.close();
  }
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  const isAllRight = rows.every(isRight);
  say(`\n${tableOf(rows)}\n\nseed ${seed}, ${seconds} s: ${isAllRight ? 'all right' : 'FAILED'}`);
  return isAllRight;
}

/** Once, however often it is told: whoever is in a hurry waits until nothing is left behind. */
function onBreakOff(leave: () => Promise<void>): void {
  let isLeaving = false;
  const end = (): void => {
    if (isLeaving) return;
    isLeaving = true;
    const exit = (): never => process.exit(NOT_RUN);
    leave().then(exit, exit);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
}

/** A row that could not be carried out, as when a point was not passed, has failed. */
async function rowOf(scenario: Scenario, fleet: Fleet, seed: number): Promise<RowResult> {
  const began = performance.now();
  try {
    const result = await scenario.run({ fleet, seed });
    if (scenario.mayRefuse || scenario.shows || result.refused === 0) return result;
    const fault = `${result.refused} requests with usage were refused`;
    return { ...result, faults: [...result.faults, fault] };
  } catch (error) {
    const faults = [error instanceof Error ? error.message : String(error)];
    const seconds = (performance.now() - began) / 1_000;
    const counts = { lost: 0, doubled: 0, unequal: 0, acked: 0, setAside: 0, refused: 0 };
    const sales = { oversold: null, soldShare: null };
    const nothing = { ...counts, ...sales, ackMs: [], notes: [], brokenOff: true };
    return { ...nothing, name: scenario.name, seconds, faults };
  }
}

async function main(): Promise<void> {
  const wanted = asked(
    process.argv.slice(2),
    SCENARIOS.map(({ name }) => name),
  );
  if (wanted.kind === 'help') return say(USAGE);
  if (wanted.kind === 'refused') {
    process.stderr.write(`${wanted.why}\n`);
    process.exitCode = NOT_RUN;
    return;
  }
  process.exitCode = (await run(wanted.names, wanted.seed)) ? 0 : 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`chaos could not be run: ${error instanceof Error ? error.stack : error}\n`);
  process.exitCode = NOT_RUN;
});
