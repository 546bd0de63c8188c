import 'reflect-metadata';
import { clickHouseClient, openLog, readEnvironment, type LogLogger } from '@tallyward/platform';
import { Command } from 'commander';
import { rebuildEnvironment } from '../environment';
import { FoldEvents } from '../load-warehouse/fold-events';
import { USAGE_LOG } from '../load-warehouse/usage-row';
import { WarehouseFold } from '../load-warehouse/warehouse-fold';
import {
  RebuiltTable,
  USAGE_EVENTS,
  USAGE_EVENTS_NEXT,
  RowWriter,
  type UsageEventsTable,
} from '../storage/clickhouse';
import {
  FoldStore,
  openStorage,
  ProgressStore,
  RebuildStore,
  type Fold,
} from '../storage/postgres';
import { progressLine } from './progress-line';
import { WarehouseRebuild, type Rebuilt } from './rebuild-warehouse';

const FAILED = 2;
const APPLICATION = 'rebuild';
/** Comparing a million rows may take this long on a busy machine. */
const REQUEST_DEADLINE_MS = 600_000;

/** The engines are there, or they aren't: a command doesn't wait for a start. */
const WAIT_FOR_POSTGRES_MS = 3_000;

const quiet: LogLogger = { debug() {}, info() {}, warn() {}, error() {} };

async function rebuild(): Promise<Rebuilt> {
  const env = readEnvironment(rebuildEnvironment, process.env);
  const postgres = await openStorage(
    env.TALLYWARD_POSTGRES_URL,
    APPLICATION,
    (message) => process.stderr.write(`${message}\n`),
    WAIT_FOR_POSTGRES_MS,
  );
  const clickhouse = clickHouseClient({
    url: env.TALLYWARD_CLICKHOUSE_URL,
    application: APPLICATION,
    requestDeadlineMs: REQUEST_DEADLINE_MS,
  });
  const log = openLog({
    brokers: env.TALLYWARD_KAFKA_BROKERS,
    clientId: APPLICATION,
    namespace: env.TALLYWARD_TOPIC_PREFIX,
    logger: quiet,
  });
  const foldOf = (fold: Fold, table: UsageEventsTable) => {
    const store = new FoldStore(postgres, fold);
    const writer = new RowWriter(clickhouse, table);
    return {
      store,
      fold: new WarehouseFold(store, writer, { ...USAGE_LOG, log }, new FoldEvents(quiet)),
    };
  };
  const next = foldOf('next', USAGE_EVENTS_NEXT);
  try {
    const parts = {
      log,
      progress: new ProgressStore(postgres),
      store: new RebuildStore(postgres),
      table: new RebuiltTable(clickhouse),
      nextStore: next.store,
      next: next.fold,
      live: foldOf('live', USAGE_EVENTS).fold,
    };
    return await new WarehouseRebuild(parts, progressLine()).run();
  } finally {
    await Promise.allSettled([log.close(), clickhouse.close(), postgres.destroy()]);
  }
}

function asText({ rows, entries, differences }: Rebuilt): string {
  const lines = differences.map(
    ({ kind, partition, offset, customer, eventId }) =>
      `  ${kind}: ${customer} ${eventId} (partition ${partition}, offset ${offset})`,
  );
  const found = differences.length === 0 ? 'The live warehouse was equal.' : 'It differed in:';
  return [`Rebuilt ${rows} rows from ${entries} entries of the log. ${found}`, ...lines].join('\n');
}

function asJson({ rows, entries, differences }: Rebuilt, seconds: number): string {
  const equal = differences.length === 0;
  return JSON.stringify({ equal, rows, entries: Number(entries), seconds, differences });
}

async function run({ json }: { readonly json?: boolean }): Promise<void> {
  const began = performance.now();
  const rebuilt = await rebuild();
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  process.stdout.write(`${json ? asJson(rebuilt, seconds) : asText(rebuilt)}\n`);
}

const program = new Command('rebuild').description('Folds the log again into fresh tables.');
program
  .command('warehouse')
  .description(
    'Folds the log again into a fresh ClickHouse table while the live one is read and filled,\n' +
      'compares both, names the rows that differ, and swaps. Ends with 0 when it is done, also\n' +
      'where it mended something, and with 2 when it could not be.',
  )
  .option('--json', 'one line of JSON')
  .action(run);
program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`rebuild failed: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = FAILED;
});
