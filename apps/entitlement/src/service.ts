import {
  createHttpService,
  fatal,
  type HttpService,
  openLog,
  type RunningService,
  type ServiceLogger,
  type Telemetry,
} from '@tallyward/platform';
import { AppModule } from './app.module';
import { OperatorKey } from './catalog/operator-key';
import { Upkeep } from './catalog/upkeep';
import type { EntitlementEnvironment } from './environment';
import { EntitlementEvents } from './events';
import { outageProblem } from './outages';
import { ENVIRONMENT, FATAL, INTERNAL_SECRET, LOG_PORT, RELAY, SERVICE_LOG } from './resources';
import { openStorage } from './storage/data-source';
import { postgresAnswers, storageResource } from './storage/resource';
import { ensureTopics } from './topics';

export interface RunningEntitlement extends RunningService {
  readonly address: string;
  readonly http: HttpService;
}

/**
 * Starts the service: waits for Postgres and the log, migrates, makes the topics, sees to the
 * operator key, and listens. From then on either may go and come back.
 */
export async function startEntitlement(
  environment: EntitlementEnvironment,
  lines: ServiceLogger,
  metrics?: Telemetry['metricsText'],
): Promise<RunningEntitlement> {
  const { TALLYWARD_INSTANCE: instance, TALLYWARD_POSTGRES_URL: postgresUrl } = environment;
  const events = new EntitlementEvents(lines);
  const dataSource = await openStorage(postgresUrl, instance, (message, error) =>
    events.storageTrouble(message, error),
  );
  const log = openLog({
    brokers: environment.TALLYWARD_KAFKA_BROKERS,
    clientId: instance,
    namespace: environment.TALLYWARD_TOPIC_PREFIX,
    logger: lines,
  });
  await ensureTopics(log, (error) => events.waitingForTopics(error));
  const onFatal = (error: unknown): never => fatal(lines, error);
  const app = AppModule.with([
    storageResource(dataSource),
    { provide: LOG_PORT, useValue: log },
    { provide: SERVICE_LOG, useValue: lines },
    { provide: ENVIRONMENT, useValue: environment },
    { provide: INTERNAL_SECRET, useValue: environment.TALLYWARD_INTERNAL_SECRET },
    { provide: RELAY, useValue: { postgresUrl, instance, onFatal } },
    { provide: FATAL, useValue: onFatal },
  ]);
  const http = await createHttpService(app, {
    log: lines,
    bind: environment.TALLYWARD_BIND,
    port: environment.TALLYWARD_HTTP_PORT,
    callerSecret: environment.TALLYWARD_INTERNAL_SECRET,
    mapError: outageProblem,
    ...(metrics ? { metrics } : {}),
  });
  http.readiness.add('postgres', () => postgresAnswers(dataSource));
  http.readiness.add('log', async () => ({ ok: await log.admin.reachable() }));
  await http.app.get(OperatorKey).ensure();
  const address = await http.listen();
  http.app.get(Upkeep).start();
  lines.info({ address }, 'entitlement listens');
  const close = async (): Promise<void> => {
    await http.close();
    await log.close();
    await dataSource.destroy();
  };
  return { address, http, close };
}
