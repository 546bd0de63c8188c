import { environmentField, serviceEnvironment } from '@tallyward/platform';
import { z } from 'zod';

/** What the aggregator reads from its environment, once, in `main`. */
export const aggregatorEnvironment = serviceEnvironment.extend({
  TALLYWARD_POSTGRES_URL: environmentField.url('postgres:', 'postgresql:'),
  TALLYWARD_CLICKHOUSE_URL: environmentField.url('http:', 'https:'),
  TALLYWARD_AUDITOR_POSTGRES_URL: environmentField.url('postgres:', 'postgresql:'),
  TALLYWARD_ENTITLEMENT_URL: environmentField.url('http:', 'https:'),
});
export type AggregatorEnvironment = z.output<typeof aggregatorEnvironment>;

/** What the rebuild command reads: the engines alone. */
export const rebuildEnvironment = aggregatorEnvironment.pick({
  TALLYWARD_KAFKA_BROKERS: true,
  TALLYWARD_TOPIC_PREFIX: true,
  TALLYWARD_POSTGRES_URL: true,
  TALLYWARD_CLICKHOUSE_URL: true,
});
