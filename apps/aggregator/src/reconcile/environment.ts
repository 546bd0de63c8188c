import {
  environmentField,
  openLog,
  serviceEnvironment,
  type Log,
} from '@tallyward/platform/engines';
import { z } from 'zod';

/** What the command reads from its environment: roles of its own that can only read. */
export const auditEnvironment = z.object({
  TALLYWARD_KAFKA_BROKERS: environmentField.hostList(),
  TALLYWARD_TOPIC_PREFIX: serviceEnvironment.shape.TALLYWARD_TOPIC_PREFIX,
  TALLYWARD_AUDITOR_POSTGRES_URL: environmentField.url('postgres:', 'postgresql:'),
  TALLYWARD_CLICKHOUSE_READER_URL: environmentField.url('http:', 'https:'),
});

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The command tells what goes wrong itself: the log's client says nothing beside it. */
export function auditedLog(env: z.output<typeof auditEnvironment>): Log {
  return openLog({
    brokers: env.TALLYWARD_KAFKA_BROKERS,
    clientId: 'reconcile',
    namespace: env.TALLYWARD_TOPIC_PREFIX,
    logger: silent,
  });
}
