import { Command, InvalidArgumentError } from 'commander';
import { operatorKeyPath, readSettings } from '../engines';
import { Supervisor } from '../supervisor';
import { bringUp } from './bring-up';
import { demoOnce, verify, type Say } from './demo';
import { DATABASE, gatewayAddresses, type Stack } from './services';

const MOST_GATEWAYS = 8;
const PARENT_CHECK_MS = 1_000;
const SECOND_CTRL_C_MS = 1_000;

interface Options {
  readonly exit?: boolean;
  readonly demo: boolean;
  readonly gateways: number;
}

const command = new Command('npm start --')
  .description(
    'Runs Tallyward on this machine: Kafka, Postgres, ClickHouse, the services, and the first time a demo, which replays an hour of real usage and reconciles it. Ctrl-C stops all; the data stays in .local.',
  )
  .option('--exit', 'stop everything after the demo was counted and reconciled')
  .option('--no-demo', 'only project demo and its key')
  .option('--gateways <n>', 'how many gateways', gatewayCount, 1)
  .addHelpText(
    'after',
    `
Environment: TALLYWARD_PORT_BASE, TALLYWARD_BIND, TALLYWARD_LOCAL_DIR, TALLYWARD_OPERATOR_KEY; and to use engines of
your own TALLYWARD_KAFKA_BROKERS, TALLYWARD_POSTGRES_ADMIN_URL, TALLYWARD_CLICKHOUSE_URL.
Ends with 0; with 1 when something could not start or, with --exit, did not reconcile.`,
  );

const say: Say = (line) => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const options = command.parse().opts<Options>();
  const settings = readSettings(process.env);
  const supervisor = new Supervisor({ directory: settings.directory, say });
  let stopped = 0;
  const stop = async (why: string): Promise<void> => {
    if (stopped > 0) {
      // A second Ctrl-C: the watchdog ends what is left. npm repeats the first one at once.
      if (why === 'SIGINT' && Date.now() - stopped > SECOND_CTRL_C_MS) process.exit(1);
      return;
    }
    stopped = Date.now();
    say(`${why}: stopping`);
    await supervisor.stop();
    say('stopped');
    process.exit(0);
  };
  stopOnSignals(stop);
  try {
    const { gateways } = options;
    const env = process.env;
    const stack = await bringUp({ settings, env, gateways, supervisor, say });
    const agreed = await demo(stack, options);
    if (stopped > 0) return;
    if (!options.exit) return introduce(stack, options);
    await supervisor.stop();
    process.exit(agreed ? 0 : 1);
  } catch (error) {
    if (stopped > 0) return;
    process.stderr.write(`\n${(error as Error).message}\n`);
    await supervisor.stop();
    process.exit(1);
  }
}

async function demo(stack: Stack, options: Options): Promise<boolean> {
  if (!options.demo) return options.exit ? verify(stack, say) : true;
  const did = await demoOnce(stack, say);
  if (!did) say('the demo was sent at an earlier start: its data is kept and not sent again');
  return did || options.exit ? verify(stack, say) : true;
}

function introduce(stack: Stack, { gateways }: Options): void {
  const { addresses, settings } = stack;
  const { directory } = settings;
  const key = process.env.TALLYWARD_OPERATOR_KEY
    ? 'the one in TALLYWARD_OPERATOR_KEY'
    : operatorKeyPath(directory);
  const served = gatewayAddresses(stack, gateways);
  const clickhouse = new URL(addresses.clickhouseUrl);
  const postgres = new URL(addresses.postgresAdminUrl);
  say(
    [
      '',
      ...served.map((url, i) => `gateway ${i + 1}    ${url}`),
      `console      ${served[0]} (sign in with the admin key)`,
      `admin key    ${key}`,
      `ClickHouse   http://reader@${clickhouse.host}/?database=${DATABASE} (read-only SQL)`,
      `Kafka        ${addresses.brokers.join()}`,
      `Postgres     ${postgres.host}, database ${DATABASE} (passwords in ${directory}/secrets.json)`,
      `logs         ${directory}/logs`,
      '',
      'Ctrl-C stops everything; the data is kept.',
    ].join('\n'),
  );
}

/** Also when npm, which started this, was ended by force: nobody could stop it any more. */
function stopOnSignals(stop: (why: string) => Promise<void>): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => void stop(name));
  }
  // A closed terminal takes stdout along; what is said is lost, the stop goes on.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event === undefined) return;
  const check = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(check);
    void stop('npm has ended');
  }, PARENT_CHECK_MS);
  check.unref();
}

function gatewayCount(text: string): number {
  const value = /^\d$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > MOST_GATEWAYS) {
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_GATEWAYS}.`);
  }
  return value;
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
