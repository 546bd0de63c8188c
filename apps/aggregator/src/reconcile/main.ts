import { instant } from '@tallyward/contracts';
import { QUARTER_MS } from '@tallyward/domain';
import { readEnvironment } from '@tallyward/platform/engines';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { AuditedTotals, type AuditScope } from '../storage/postgres/audited-totals';
import { AuditedBilling } from '../storage/postgres/billing/audited-billing';
import { auditedLog, auditEnvironment } from './environment';
import { PartitionThreads } from './partition-threads';
import { progressLine } from './progress-line';
import { reconcile, type Compared, type Outcome } from './reconcile';
import { asJson, asText } from './report';

/** Records of no closed period that are listed. */
const MOST_ORPHANS = 1_000;

/** The command's exit codes. */
const EQUAL = 0;
const DIFFERENT = 1;
const FAILED = 2;

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
  const log = auditedLog(env);
  const threads = new PartitionThreads();
  const url = env.TALLYWARD_AUDITOR_POSTGRES_URL;
  const opened: AuditedTotals[] = [];
  const open = async (): Promise<AuditedTotals> => {
    const snapshot = await AuditedTotals.open(url);
    opened.push(snapshot);
    return snapshot;
  };
  try {
    const totals = await open();
    // A snapshot of its own, from after the proofs have reached the offsets of the totals'.
    const compared: Compared = async (upTo, onEntries) => {
      const proven = await open();
      const snapshots = { totals: await totals.share(), proven: await proven.share() };
      const results = await threads.read({ scope, upTo, snapshots }, onEntries);
      return { results, orphans: await new AuditedBilling(proven).orphans(scope, MOST_ORPHANS) };
    };
    return await reconcile(log, totals, compared, progressLine());
  } finally {
    const closing = opened.map((snapshot) => snapshot.close());
    await Promise.allSettled([threads.close(), ...closing, log.close()]);
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
