import 'reflect-metadata';
import { TOPICS } from '@tallyward/contracts';
import {
  environmentField,
  openLog,
  readEnvironment,
  serviceEnvironment,
} from '@tallyward/platform';
import { Command } from 'commander';
import { z } from 'zod';
import { openStorage } from '../storage/data-source';
import { RebuildStore } from '../storage/totals/rebuild-store';
import { progressLine } from './progress-line';
import { type Rebuilt, TotalsRebuild } from './rebuild-totals';
import { asJson, asText } from './report';

/** What the command reads: entitlement's own role in Postgres, for it makes tables there. */
const rebuildEnvironment = z.object({
  TALLYWARD_KAFKA_BROKERS: environmentField.hostList(),
  TALLYWARD_TOPIC_PREFIX: serviceEnvironment.shape.TALLYWARD_TOPIC_PREFIX,
  TALLYWARD_ENTITLEMENT_POSTGRES_URL: environmentField.url('postgres:', 'postgresql:'),
});

const FAILED = 2;
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

async function rebuild(): Promise<Rebuilt> {
  const env = readEnvironment(rebuildEnvironment, process.env);
  const log = openLog({
    brokers: env.TALLYWARD_KAFKA_BROKERS,
    clientId: 'rebuild-totals',
    namespace: env.TALLYWARD_TOPIC_PREFIX,
    logger: quiet,
  });
  const url = env.TALLYWARD_ENTITLEMENT_POSTGRES_URL;
  const dataSource = await openStorage(url, 'rebuild-totals', () => undefined);
  try {
    const store = await RebuildStore.open(dataSource, TOPICS.usageEvents.name);
    try {
      return await new TotalsRebuild(store, log, progressLine()).run();
    } finally {
      await store.close();
    }
  } finally {
    await Promise.allSettled([dataSource.destroy(), log.close()]);
  }
}

new Command('rebuild totals')
  .description(
    'Folds the log again from its beginning into fresh tables while the live fold goes on,\n' +
      'compares them with the live totals, and puts them in their place.\n' +
      'Ends with 0 once the rebuilt totals are in place, also where they differed from the\n' +
      'old ones: every difference is printed. Ends with 2, and changes nothing, when that\n' +
      'could not be done.',
  )
  .option('--json', 'one line of JSON')
  .action(async ({ json }: { json?: boolean }) => {
    const rebuilt = await rebuild();
    process.stdout.write(json ? `${asJson(rebuilt)}\n` : asText(rebuilt));
  })
  .parseAsync()
  .catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`rebuild totals failed, nothing was changed: ${reason}\n`);
    process.exitCode = FAILED;
  });
