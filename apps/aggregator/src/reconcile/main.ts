import { instant } from '@tallyward/contracts';
import { QUARTER_MS } from '@tallyward/domain';
import { clickHouseClient, openLog, readEnvironment } from '@tallyward/platform';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { AuditedTotals, type AuditScope } from '../storage/postgres/audited-totals';
import { AuditedBilling } from '../storage/postgres/billing/audited-billing';
import { Audit } from './audit';
import { Beside } from './beside';
import { auditEnvironment } from './environment';
import { progressLine } from './progress-line';
import { reconcile, type Outcome } from './reconcile';
import { asJson, asText } from './report';

/** The command's exit codes. */
const EQUAL = 0;
const DIFFERENT = 1;
const FAILED = 2;

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function quarter(text: string): number {
  if (!instant.safeParse(text).success) {
    throw new InvalidArgumentError('Give an instant such as 2026-11-22T10:15:00Z.');
  }
  const at = Date.parse(text);
  if (at % QUARTER_MS !== 0) {
    throw new InvalidArgumentError('Totals are kept by the quarter of an hour: give :00, :15 …');
  }
  return at;
}

async function run(scope: AuditScope): Promise<Outcome> {
  const env = readEnvironment(auditEnvironment, process.env);
  const log = openLog({
    brokers: env.TALLYWARD_KAFKA_BROKERS,
    clientId: 'reconcile',
    namespace: env.TALLYWARD_TOPIC_PREFIX,
    logger: quiet,
  });
  const clickhouse = clickHouseClient({
    url: env.TALLYWARD_CLICKHOUSE_READER_URL,
    application: 'reconcile',
    requestDeadlineMs: 600_000,
  });
  const url = env.TALLYWARD_AUDITOR_POSTGRES_URL;
  const totals = await AuditedTotals.open(url);
  const opened = [totals];
  try {
    const compared = {
      audit: (beside: Beside['partition']) => new Audit(log, totals, clickhouse, scope, beside),
      // A snapshot of its own, from after the proofs have reached the offsets of the totals'.
      beside: async (upTo: ReadonlyMap<number, bigint>) => {
        opened.push(await AuditedTotals.open(url));
        return Beside.of(new AuditedBilling(opened[1] as AuditedTotals), scope, upTo);
      },
    };
    return await reconcile(log, totals, compared, progressLine());
  } finally {
    const closing = opened.map((snapshot) => snapshot.close());
    await Promise.allSettled([...closing, clickhouse.close(), log.close()]);
  }
}

function codeOf(outcome: Outcome): number {
  if (outcome.kind === 'behind') return FAILED;
  return outcome.equal ? EQUAL : DIFFERENT;
}

interface Options {
  readonly from?: number;
  readonly to?: number;
  readonly customer?: string;
  readonly json?: boolean;
}

async function command({ from, to, customer, json }: Options): Promise<void> {
  if (from !== undefined && to !== undefined && from >= to) {
    throw new Error('--to must lie after --from');
  }
  const outcome = await run({ from: from ?? null, to: to ?? null, customer: customer ?? null });
  process.stdout.write(json ? `${asJson(outcome)}\n` : asText(outcome));
  process.exitCode = codeOf(outcome);
}

new Command('reconcile')
  .exitOverride()
  .description(
    'Folds the log once more and compares it with the totals in Postgres, the rows in\n' +
      'ClickHouse, the proofs that bills stand on and what was billed of the closed periods that\n' +
      'lie within the scope, as of the same offsets. Ends with 0 when they agree, 1 when they differ,\n' +
      '2 when they could not be compared.',
  )
  .option('--from <instant>', 'first quarter of an hour', quarter)
  .option('--to <instant>', 'end, exclusive', quarter)
  .option('--customer <name>', 'one customer alone')
  .option('--json', 'one line of JSON')
  .action(command)
  .parseAsync()
  .catch((error: unknown) => {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EQUAL : FAILED;
      return;
    }
    process.stderr.write(`reconcile failed: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = FAILED;
  });
