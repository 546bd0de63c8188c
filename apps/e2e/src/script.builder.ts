import { CHECKOUT } from '@tallyward/local';
import type { Testbed } from '@tallyward/testing';
import { execFile } from 'node:child_process';
import { join } from 'node:path';

export const RECONCILE = 'apps/aggregator/dist/reconcile/main.js';
export const REBUILD_TOTALS = 'apps/entitlement/dist/rebuild-totals/main.js';
export const REBUILD_WAREHOUSE = 'apps/aggregator/dist/rebuild/main.js';

const DEADLINE_MS = 300_000;
const OUTPUT_BYTES = 64 * 1024 * 1024;

export interface ScriptEnd {
  /** -1: ended by a signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a built command of the product with the addresses that any of them needs. */
export function runScript(
  bed: Testbed,
  path: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<ScriptEnd> {
  const limits = { timeout: DEADLINE_MS, maxBuffer: OUTPUT_BYTES };
  const env = { ...commandEnvironment(bed), ...more };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(CHECKOUT, path), ...args],
      { env, ...limits },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
  });
}

export function commandEnvironment(bed: Testbed): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    KAFKAJS_NO_PARTITIONER_WARNING: '1',
    TALLYWARD_KAFKA_BROKERS: bed.brokers.join(','),
    TALLYWARD_TOPIC_PREFIX: bed.namespace,
    TALLYWARD_AUDITOR_POSTGRES_URL: bed.postgres.auditor,
    TALLYWARD_POSTGRES_URL: bed.postgres.aggregator,
    TALLYWARD_ENTITLEMENT_POSTGRES_URL: bed.postgres.entitlement,
    TALLYWARD_CLICKHOUSE_URL: bed.clickhouse.loader,
    TALLYWARD_CLICKHOUSE_READER_URL: bed.clickhouse.reader,
  };
}
