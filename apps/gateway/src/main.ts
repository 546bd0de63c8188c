import {
  createLogger,
  fatal,
  openLog,
  readEnvironment,
  runService,
  startTelemetry,
} from '@tallyward/platform';
import { gatewayEnvironment } from './environment';
import { createGateway } from './gateway';

const environment = readEnvironment(gatewayEnvironment, process.env);
const origin = { service: 'gateway', instance: environment.TALLYWARD_INSTANCE };
const telemetry = startTelemetry({
  ...origin,
  otlpEndpoint: environment.OTEL_EXPORTER_OTLP_ENDPOINT,
  traceFile: environment.TALLYWARD_TRACE_FILE,
  traceRatio: environment.TALLYWARD_TRACE_RATIO,
});
const lines = createLogger({
  ...origin,
  level: environment.TALLYWARD_LOG_LEVEL,
  secrets: [environment.TALLYWARD_INTERNAL_SECRET],
});

void runService(lines, telemetry, async () => {
  const log = openLog({
    brokers: environment.TALLYWARD_KAFKA_BROKERS,
    clientId: environment.TALLYWARD_INSTANCE,
    namespace: environment.TALLYWARD_TOPIC_PREFIX,
    logger: lines,
  });
  const service = await createGateway({
    environment,
    log,
    lines,
    fatal: (error) => fatal(lines, error),
    metrics: telemetry.metricsText,
  });
  const address = await service.listen();
  lines.info({ address }, 'listening');
  return {
    close: async () => {
      await service.close();
      await log.close();
    },
  };
});
