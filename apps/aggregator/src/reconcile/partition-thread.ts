import { clickHouseClient, readEnvironment } from '@tallyward/platform/engines';
import { parentPort } from 'node:worker_threads';
import { AuditedTotals } from '../storage/postgres/audited-totals';
import { AuditedBilling } from '../storage/postgres/billing/audited-billing';
import { Audit, type AuditScope } from './audit';
import { Beside } from './beside';
import { auditedLog, auditEnvironment } from './environment';
import { reconcilePartition, type PartitionResult } from './reconcile-partition';

/** What all threads compare, each in sessions of its own that share two snapshots. */
export interface ThreadTask {
  readonly scope: AuditScope;
  /** Next offset, by partition. */
  readonly upTo: ReadonlyMap<number, bigint>;
  readonly snapshots: { readonly totals: string; readonly proven: string };
}

/** What a thread is told; null: that nothing more comes. */
export type ToThread = { readonly task: ThreadTask; readonly partition: number } | null;

/** What a thread tells. */
export type FromThread =
  | { readonly kind: 'entries'; readonly entries: number }
  | { readonly kind: 'read'; readonly result: PartitionResult }
  | { readonly kind: 'failed'; readonly error: unknown };

const REQUEST_DEADLINE_MS = 600_000;

interface Opened {
  readonly audit: Audit;
  close(): Promise<void>;
}

async function open({ scope, upTo, snapshots }: ThreadTask): Promise<Opened> {
  const env = readEnvironment(auditEnvironment, process.env);
  const log = auditedLog(env);
  const clickhouse = clickHouseClient({
    url: env.TALLYWARD_CLICKHOUSE_READER_URL,
    application: 'reconcile',
    requestDeadlineMs: REQUEST_DEADLINE_MS,
  });
  const url = env.TALLYWARD_AUDITOR_POSTGRES_URL;
  const totals = await AuditedTotals.open(url, { shared: snapshots.totals });
  const proven = await AuditedTotals.open(url, { shared: snapshots.proven });
  const beside = await Beside.of(new AuditedBilling(proven), scope, upTo);
  return {
    audit: new Audit(log, totals, clickhouse, scope, beside.partition),
    async close() {
      await Promise.allSettled([totals.close(), proven.close(), clickhouse.close(), log.close()]);
    },
  };
}

const port = parentPort;
const tell = (told: FromThread): void => port?.postMessage(told);
let opened: Promise<Opened> | undefined;

async function read(task: ThreadTask, partition: number): Promise<void> {
  try {
    opened ??= open(task);
    const { audit } = await opened;
    const upTo = task.upTo.get(partition) ?? 0n;
    const onEntries = (entries: number): void => tell({ kind: 'entries', entries });
    tell({ kind: 'read', result: await reconcilePartition(audit, partition, upTo, onEntries) });
  } catch (error) {
    tell({ kind: 'failed', error });
  }
}

port?.on('message', (told: ToThread) => {
  if (told !== null) return void read(told.task, told.partition);
  port.close();
  void opened?.then(
    (those) => those.close(),
    () => undefined,
  );
});
