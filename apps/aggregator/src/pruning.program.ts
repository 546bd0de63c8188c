import 'reflect-metadata';
import { openLog } from '@tallyward/platform';
import { KeyPruning } from './load-warehouse/key-pruning';
import { USAGE_LOG } from './load-warehouse/usage-row';
import { KeyPruningStore, openStorage, ProgressStore } from './storage/postgres';

// Prunes once and ends: what the service does every few minutes, for tests that kill it there.
const WAIT_FOR_POSTGRES_MS = 3_000;
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

async function prune(env: NodeJS.ProcessEnv): Promise<void> {
  const log = openLog({
    brokers: (env['TALLYWARD_KAFKA_BROKERS'] ?? '').split(','),
    clientId: 'pruning',
    namespace: env['TALLYWARD_TOPIC_PREFIX'] ?? '',
    logger: quiet,
  });
  const url = env['TALLYWARD_POSTGRES_URL'] ?? '';
  const postgres = await openStorage(url, 'pruning', () => undefined, WAIT_FOR_POSTGRES_MS);
  try {
    const stores = { progress: new ProgressStore(postgres), keys: new KeyPruningStore(postgres) };
    await new KeyPruning(USAGE_LOG, stores, log, quiet).prune();
  } finally {
    await Promise.allSettled([postgres.destroy(), log.close()]);
  }
}

void prune(process.env);
