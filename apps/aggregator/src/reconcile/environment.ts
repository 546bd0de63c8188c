import { environmentField, serviceEnvironment } from '@tallyward/platform/engines';
import { z } from 'zod';

/** What the command reads from its environment: roles of its own that can only read. */
export const auditEnvironment = z.object({
  TALLYWARD_KAFKA_BROKERS: environmentField.hostList(),
  TALLYWARD_TOPIC_PREFIX: serviceEnvironment.shape.TALLYWARD_TOPIC_PREFIX,
  TALLYWARD_AUDITOR_POSTGRES_URL: environmentField.url('postgres:', 'postgresql:'),
  TALLYWARD_CLICKHOUSE_READER_URL: environmentField.url('http:', 'https:'),
});
