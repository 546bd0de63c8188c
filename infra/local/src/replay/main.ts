import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { ANY_INTERFACE, findOperatorKey, readSettings } from '../engines';
import { digits } from '../terminal/table';
import { progress, type Progress } from '../terminal/progress';
import { DEMO_MODELS } from './demo-models';
import { replay, type ReplayResult } from './replay';

const MOST_CUSTOMERS = 1_000_000;
const MOST_MODELS = 1_000;

interface Options {
  readonly customers: number;
  readonly models: readonly string[];
  readonly end?: number;
  readonly gateway?: string;
  readonly json?: boolean;
}

const command = new Command('npm run replay --')
  .description(
    `Sends a trace (TIMESTAMP,ContextTokens,GeneratedTokens) through the gateway as usage events.
Times are shifted by whole hours so that the last row lies in the last full hour; row n goes to
customer-{n mod customers} and to the (n mod M)-th model, with the id {run}-{n}. Sent again within
the same hour, the same file is the same run and counts nothing twice.`,
  )
  .argument('<file>', 'the trace, a CSV file')
  .requiredOption('--customers <n>', 'how many customers the rows go to', wholeNumber)
  .option('--models <a,b>', 'models the rows go to', list, [...DEMO_MODELS.keys()])
  .option(
    '--end <instant>',
    'RFC 3339; "the last full hour" is the one before it (default: now)',
    instant,
  )
  .option('--gateway <url>', 'default: the local gateway')
  .option('--json', 'print the result as one JSON object')
  .addHelpText(
    'after',
    `
The key: TALLYWARD_OPERATOR_KEY, else .local/admin-key.
Ends with 0 when every row was accepted, 1 when one was not, 2 when nothing could be sent.`,
  );

async function main(): Promise<void> {
  command.exitOverride((e) => process.exit(e.exitCode === 0 ? 0 : 2)).parse();
  const options = command.opts<Options>();
  const settings = readSettings(process.env);
  const key = findOperatorKey(settings.directory, process.env);
  if (!key)
    throw new Error('There is no key yet: "npm start" makes one, or set TALLYWARD_OPERATOR_KEY.');
  const host = ANY_INTERFACE.has(settings.bind) ? '127.0.0.1' : settings.bind;
  const quiet = options.json === true;
  let shown: Progress | undefined;
  const result = await replay(
    {
      // npm runs scripts in the checkout's root; the file is meant from where the person stands.
      file: resolve(process.env.INIT_CWD ?? '.', command.args[0] ?? ''),
      customers: options.customers,
      models: options.models,
      end: options.end ?? Date.now(),
      gateway: options.gateway ?? `http://${host}:${settings.ports.gateway}`,
      key,
    },
    {
      planned(plan) {
        if (!quiet) {
          const from = `${plan.firstTime} to ${plan.lastTime}`;
          process.stderr.write(`run ${plan.run}: ${digits(plan.rows)} rows, ${from}\n`);
        }
        shown = progress('sent', plan.rows, quiet);
      },
      progress: (rows) => shown?.at(rows),
    },
  ).finally(() => shown?.end());
  process.stdout.write(quiet ? `${JSON.stringify(result)}\n` : describe(result));
  process.exitCode = result.accepted === result.rows ? 0 : 1;
}

function describe(result: ReplayResult): string {
  const { accepted, rows, badRows, rejected, unknown, seconds } = result;
  const not = [
    badRows ? `${digits(badRows)} bad rows` : '',
    rejected ? `${digits(rejected)} rejected` : '',
    unknown ? `${digits(unknown)} unknown (run it again: the same ids count once)` : '',
  ].filter(Boolean);
  const lines = [
    ...result.named.map((n) => `line ${n.line}: ${n.code}: ${n.detail}`),
    `run ${result.run}: ${digits(accepted)} of ${digits(rows)} rows accepted in ${seconds.toFixed(1)} s` +
      (not.length > 0 ? `; ${not.join(', ')}` : ''),
    `input tokens ${digits(result.inputTokens)}, output tokens ${digits(result.outputTokens)}`,
  ];
  return `${lines.join('\n')}\n`;
}

function wholeNumber(text: string): number {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > MOST_CUSTOMERS) {
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_CUSTOMERS}.`);
  }
  return value;
}

function list(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.some((name) => !name) || names.length > MOST_MODELS) {
    throw new InvalidArgumentError(`It must be 1 to ${MOST_MODELS} names, separated by commas.`);
  }
  return names;
}

function instant(text: string): number {
  const ms = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isFinite(ms)) {
    throw new InvalidArgumentError('It must be an instant such as 2026-11-21T10:00:00Z.');
  }
  return ms;
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
});
