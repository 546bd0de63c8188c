import 'reflect-metadata';
import { openLog } from '@tallyward/platform';
import { KeyPruning } from './project-totals/prune-keys';
import { UpkeepStore } from './storage/catalog/upkeep-store';
import { openStorage } from './storage/data-source';
import { TotalsStore } from './storage/totals/totals-store';

// Prunes once and ends: what the service does every few minutes, for tests that kill it there.
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

async function prune(env: NodeJS.ProcessEnv): Promise<void> {
  const log = openLog({
    brokers: (env['TALLYWARD_KAFKA_BROKERS'] ?? '').split(','),
    clientId: 'pruning',
    namespace: env['TALLYWARD_TOPIC_PREFIX'] ?? '',
    logger: quiet,
  });
  const url = env['TALLYWARD_ENTITLEMENT_POSTGRES_URL'] ?? '';
  const dataSource = await openStorage(url, 'pruning', () => undefined);
  try {
    await new KeyPruning(new TotalsStore(dataSource), log).prune();
    await new UpkeepStore(dataSource).pruneRequests();
  } finally {
    await Promise.allSettled([dataSource.destroy(), log.close()]);
  }
}

void prune(process.env);
