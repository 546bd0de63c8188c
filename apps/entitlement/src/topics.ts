import { topicConfigs, TOPICS } from '@tallyward/contracts';
import { type Log, LogFault } from '@tallyward/platform';
import { setTimeout as pause } from 'node:timers/promises';

/** How long to wait for a log that isn't up yet; then the process ends, and is started again. */
export const WAIT_FOR_LOG_MS = 60_000;
const RETRY_MS = 500;

/** Makes the topics that are missing, all of Tallyward's; waits for a log that isn't up yet. */
export async function ensureTopics(
  log: Pick<Log, 'admin'>,
  onTrouble: (error: unknown) => void,
): Promise<void> {
  const until = Date.now() + WAIT_FOR_LOG_MS;
  const declarations = Object.values(TOPICS).map((topic) => {
    return { name: topic.name, partitions: topic.partitions, configs: topicConfigs(topic) };
  });
  for (;;) {
    try {
      return await log.admin.ensureTopics(declarations);
    } catch (error) {
      // Waiting does not mend a topic that has another shape.
      const isLasting = error instanceof LogFault && error.code === 'topic-misconfigured';
      if (isLasting || Date.now() > until) throw error;
      onTrouble(error);
    }
    await pause(RETRY_MS);
  }
}
