import 'reflect-metadata';
import {
  createHttpService,
  createLogger,
  fatal,
  LogFault,
  openClickHouse,
  openLog,
  migrateClickHouse,
  readEnvironment,
  runService,
  startTelemetry,
  type Log,
  type RunningService,
  type Telemetry,
} from '@tallyward/platform';
import { TOPICS } from '@tallyward/contracts';
import { setTimeout as pause } from 'node:timers/promises';
import { AppModule } from './app.module';
import { aggregatorEnvironment, type AggregatorEnvironment } from './environment';
import { AUDITED, CLICKHOUSE, FATAL, LOG_PORT, SERVICE_LOG } from './resources';
import { CLICKHOUSE_MIGRATIONS, ensureDatabase } from './storage/clickhouse';
import { addPostgresTo, openStorage, postgresResource } from './storage/postgres';

const SERVICE = 'aggregator';
const WAIT_FOR_LOG_MS = 60_000;
const LOOK_FOR_LOG_EVERY_MS = 500;
/** The topics that this service folds. */
const FOLDED = [TOPICS.usageEvents, TOPICS.quotaDecisions, TOPICS.billingRecords];

type Lines = ReturnType<typeof createLogger>;

function begin(environment: AggregatorEnvironment): { lines: Lines; telemetry: Telemetry } {
  const telemetry = startTelemetry({
    service: SERVICE,
    instance: environment.TALLYWARD_INSTANCE,
    otlpEndpoint: environment.OTEL_EXPORTER_OTLP_ENDPOINT,
    traceFile: environment.TALLYWARD_TRACE_FILE,
    traceRatio: environment.TALLYWARD_TRACE_RATIO,
  });
  const lines = createLogger({
    service: SERVICE,
    instance: environment.TALLYWARD_INSTANCE,
    level: environment.TALLYWARD_LOG_LEVEL,
    secrets: [
      environment.TALLYWARD_INTERNAL_SECRET,
      new URL(environment.TALLYWARD_AUDITOR_POSTGRES_URL).password,
    ],
  });
  return { lines, telemetry };
}

async function openEngines(environment: AggregatorEnvironment, lines: Lines) {
  const instance = environment.TALLYWARD_INSTANCE;
  const onTrouble = (message: string, error: unknown) => lines.warn({ err: error }, message);
  const postgres = await openStorage(environment.TALLYWARD_POSTGRES_URL, instance, onTrouble);
  const url = environment.TALLYWARD_CLICKHOUSE_URL;
  const clickhouse = await openClickHouse({ url, application: instance, onTrouble });
  await ensureDatabase(url, instance);
  await migrateClickHouse(clickhouse, CLICKHOUSE_MIGRATIONS);
  const log = openLog({
    brokers: environment.TALLYWARD_KAFKA_BROKERS,
    clientId: instance,
    namespace: environment.TALLYWARD_TOPIC_PREFIX,
    logger: lines,
  });
  return { postgres, clickhouse, log };
}

/** Entitlement makes the topics; at the very first start it may still be at it. */
async function logIsThere(log: Log, lines: Lines): Promise<void> {
  const until = Date.now() + WAIT_FOR_LOG_MS;
  for (;;) {
    try {
      for (const { name } of FOLDED) await log.admin.partitions(name);
      return;
    } catch (error) {
      const missing = error instanceof LogFault && error.code === 'topic-missing';
      if (!missing || Date.now() > until) throw error;
      lines.info({ topics: FOLDED.map(({ name }) => name) }, 'waiting for the log to be made');
      await pause(LOOK_FOR_LOG_EVERY_MS);
    }
  }
}

async function start(
  environment: AggregatorEnvironment,
  lines: Lines,
  telemetry: Telemetry,
): Promise<RunningService> {
  const { postgres, clickhouse, log } = await openEngines(environment, lines);
  await logIsThere(log, lines);
  const app = AppModule.with([
    postgresResource(postgres),
    { provide: CLICKHOUSE, useValue: clickhouse },
    { provide: LOG_PORT, useValue: log },
    { provide: SERVICE_LOG, useValue: lines },
    {
      provide: AUDITED,
      useValue: {
        auditorUrl: environment.TALLYWARD_AUDITOR_POSTGRES_URL,
        entitlementUrl: environment.TALLYWARD_ENTITLEMENT_URL,
        secret: environment.TALLYWARD_INTERNAL_SECRET,
      },
    },
    { provide: FATAL, useValue: (error: Error) => fatal(lines, error) },
  ]);
  const http = await createHttpService(app, {
    log: lines,
    bind: environment.TALLYWARD_BIND,
    port: environment.TALLYWARD_HTTP_PORT,
    callerSecret: environment.TALLYWARD_INTERNAL_SECRET,
    metrics: () => telemetry.metricsText(),
  });
  addPostgresTo(http.readiness, postgres);
  lines.info({ address: await http.listen() }, 'the aggregator listens');
  return {
    close: async () => {
      await http.close();
      await log.close();
      await clickhouse.close();
      await postgres.destroy();
    },
  };
}

function main(): Promise<void> {
  const environment = readEnvironment(aggregatorEnvironment, process.env);
  const { lines, telemetry } = begin(environment);
  return runService(lines, telemetry, () => start(environment, lines, telemetry));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
