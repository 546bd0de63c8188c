import 'reflect-metadata';
import { createLogger, readEnvironment, runService, startTelemetry } from '@tallyward/platform';
import { entitlementEnvironment } from './environment';
import { startEntitlement } from './service';

const SERVICE = 'entitlement';

function main(): Promise<void> {
  const environment = readEnvironment(entitlementEnvironment, process.env);
  const origin = { service: SERVICE, instance: environment.TALLYWARD_INSTANCE };
  const telemetry = startTelemetry({
    ...origin,
    otlpEndpoint: environment.OTEL_EXPORTER_OTLP_ENDPOINT,
    traceFile: environment.TALLYWARD_TRACE_FILE,
    traceRatio: environment.TALLYWARD_TRACE_RATIO,
  });
  const lines = createLogger({
    ...origin,
    level: environment.TALLYWARD_LOG_LEVEL,
    secrets: [environment.TALLYWARD_INTERNAL_SECRET, environment.TALLYWARD_OPERATOR_KEY],
  });
  const metrics = () => telemetry.metricsText();
  return runService(lines, telemetry, () => startEntitlement(environment, lines, metrics));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
