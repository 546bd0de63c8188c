import { CHECKOUT } from '@tallyward/local';
import { parseArgs } from 'node:util';
import { benchesAsked, findBenches } from './find-benches';
import { closeBeds, runBenches } from './run-benches';
import { asJson, summary } from './summary';

const HELP = `npm run bench -- [NAME ...] [--quick] [--json] [--list]

Measures on real engines and compares with the bare engine in the same run. Nothing fails for being
slow: a budget is printed as met or missed. Ends with 1 where something was counted wrong, with 2
where it was asked for a bench that is not there.
  --quick  a smoke: its figures say nothing
  --json   one document on standard output, the table on standard error
  --list   which benches there are
`;

const OK = 0;
const WRONG = 1;
const MISUSED = 2;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
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
    process.stderr.write(`${asked.detail}\n`);
    return MISUSED;
  }
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  const run = await runBenches(asked.benches, { quick: values.quick, tell });
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

const BROKEN_OFF = 130;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => void closeBeds().then(() => process.exit(BROKEN_OFF)));
}
main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(MISUSED);
  },
);
