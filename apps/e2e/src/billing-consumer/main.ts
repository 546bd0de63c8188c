import {
  createLogger,
  environmentField,
  fatal,
  openLog,
  readEnvironment,
  runService,
  serviceEnvironment,
  startTelemetry,
} from '@tallyward/platform';
import { InvoiceStore } from '../storage/billing-consumer/invoice-store';
import { followRecords } from './follow-records';

const ENVIRONMENT = serviceEnvironment
  .pick({
    TALLYWARD_KAFKA_BROKERS: true,
    TALLYWARD_TOPIC_PREFIX: true,
    TALLYWARD_INSTANCE: true,
    TALLYWARD_LOG_LEVEL: true,
  })
  .extend({ BILLING_POSTGRES_URL: environmentField.url('postgres:', 'postgresql:') });

const env = readEnvironment(ENVIRONMENT, process.env);
const origin = { service: 'billing-consumer', instance: env.TALLYWARD_INSTANCE };
const logger = createLogger({ ...origin, level: env.TALLYWARD_LOG_LEVEL });

void runService(logger, startTelemetry({ ...origin, traceRatio: 0 }), async () => {
  const store = await InvoiceStore.open(env.BILLING_POSTGRES_URL, (err) =>
    logger.warn({ err }, 'lost an idle connection'),
  );
  const log = openLog({
    brokers: env.TALLYWARD_KAFKA_BROKERS,
    clientId: env.TALLYWARD_INSTANCE,
    namespace: env.TALLYWARD_TOPIC_PREFIX,
    logger,
  });
  const follower = followRecords(log, store, (fault) => fatal(logger, fault));
  await follower.start();
  logger.info({}, 'following the billing records');
  return {
    close: async () => {
      await log.close();
      await store.close();
    },
  };
});
