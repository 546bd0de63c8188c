import { CHECKOUT } from '@tallyward/local';
import { parseArgs } from 'node:util';
import { benchesAsked, findBenches } from './find-benches';
import { BrokenOff } from './bench';
import { runBenches } from './run-benches';
import { asJson, summary } from './summary';

const HELP = `npm run bench -- [NAME ...] [--quick] [--json] [--list]

Measures on real engines and compares with the bare engine in the same run. Nothing fails for being
slow: a budget is printed as met or missed. Ends with 1 where something was counted wrong, with 2
where it was asked for a bench that is not there, with 130 where it was broken off.
  --quick     a smoke: its figures say nothing
  --events N  events of memory, the reconcile benches and the rebuilds; customers of closing
  --seconds N how long decision measures
  --json      one document on standard output, the table on standard error
  --list      which benches there are
`;

/** A day. */
const MOST_SECONDS = 86_400;

const OK = 0;
const WRONG = 1;
const MISUSED = 2;
const BROKEN_OFF = 130;

const broken = new AbortController();
const tell = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      events: { type: 'string' },
      seconds: { type: 'string' },
      json: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return say(HELP, OK);
  const found = await findBenches(CHECKOUT);
  if (values.list) {
    return say([...found.values()].map(({ name, about }) => `${name}  ${about}\n`).join(''), OK);
  }
  const asked = benchesAsked(found, positionals);
  if (asked.kind === 'unknown') {
    tell(asked.detail);
    return MISUSED;
  }
  const events = values.events === undefined ? undefined : Number(values.events);
  if (events !== undefined && !(Number.isInteger(events) && events > 0)) {
    tell('--events: a whole number above 0');
    return MISUSED;
  }
  const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
  if (seconds !== undefined && !(seconds > 0 && seconds <= MOST_SECONDS)) {
    tell(`--seconds: above 0, at most ${MOST_SECONDS}`);
    return MISUSED;
  }
  const { quick } = values;
  const signal = broken.signal;
  const given = {
    ...(events === undefined ? {} : { events }),
    ...(seconds === undefined ? {} : { seconds }),
  };
  const run = await runBenches(asked.benches, { quick, tell, signal, ...given });
  if (values.json) {
    tell(`\n${summary(run)}`);
    process.stdout.write(`${asJson(run)}\n`);
  } else process.stdout.write(`\n${summary(run)}\n`);
  return run.faults.length === 0 ? OK : WRONG;
}

function say(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}

/** Once: whoever is in a hurry waits until nothing is left behind. */
function breakOff(why: string): void {
  if (broken.signal.aborted) return;
  tell(`${why}; its processes and their data go first`);
  broken.abort(new BrokenOff(why));
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => breakOff(`broken off by ${name}`));
}
// What a bench left to itself failed: the engines would outlive this process' sudden end as data.
process.on('uncaughtException', (error) => breakOff(`failed: ${error.stack ?? error.message}`));

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (error instanceof BrokenOff) process.exit(BROKEN_OFF);
    tell(error instanceof Error ? error.message : String(error));
    process.exit(MISUSED);
  },
);
