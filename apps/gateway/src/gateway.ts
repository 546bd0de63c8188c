import {
  createHttpService,
  type HttpService,
  type Log,
  type MetricsText,
  type ServiceLogger,
} from '@tallyward/platform';
import { guardRequests } from './access/guard-requests';
import { answerOtherOrigins } from './access/cross-origin';
import { CustomerTokens } from './access/customer-tokens';
import { KeyUse } from './access/key-use';
import { Sessions } from './access/sessions';
import { ProjectSnapshots } from './access/project-snapshots';
import { SnapshotFeed } from './access/snapshot-feed';
import { AppModule } from './app.module';
import { serveConsole } from './console/serve-console';
import type { GatewayEnvironment } from './environment';
import { GatewayEvents } from './events';
import { passThrough } from './proxy/pass-through';
import { BodyBudget } from './record-usage/body-budget';
import { INGEST_LIMITS, type IngestLimits } from './record-usage/ingest-limits';
import { HoldTokens } from './holds/hold-tokens';
import { UsageTrail } from './holds/usage-trail';
import { GatewayProcess } from './leases/gateway-process';
import { LeaseTraffic } from './leases/lease-traffic';
import { ServicesBehind } from './system/services-behind';
import { FATAL, LOG_PORT, SERVICE_LOG } from './resources';

export interface GatewayParts {
  readonly environment: GatewayEnvironment;
  /** The log port; whoever made it closes it, after the gateway. */
  readonly log: Log;
  readonly lines: ServiceLogger;
  readonly fatal: (error: Error) => void;
  readonly metrics?: MetricsText;
  readonly limits?: IngestLimits;
}

/** Puts the gateway together; it listens when told to, and reads the snapshots from then on. */
export async function createGateway(parts: GatewayParts): Promise<HttpService> {
  const { environment, log, lines, fatal } = parts;
  const { TALLYWARD_INTERNAL_SECRET: secret, TALLYWARD_AGGREGATOR_URL: aggregator } = environment;
  const addresses = { entitlement: environment.TALLYWARD_ENTITLEMENT_URL, aggregator };
  const resources = [
    { provide: LOG_PORT, useValue: log },
    { provide: SERVICE_LOG, useValue: lines },
    { provide: FATAL, useValue: fatal },
    { provide: GatewayProcess, useValue: new GatewayProcess(environment.TALLYWARD_INSTANCE) },
    { provide: CustomerTokens, useValue: new CustomerTokens(secret) },
    { provide: Sessions, useValue: new Sessions(secret) },
    { provide: HoldTokens, useValue: new HoldTokens(secret) },
    { provide: ServicesBehind, useValue: new ServicesBehind(addresses, secret) },
    { provide: UsageTrail, useValue: new UsageTrail(aggregator, secret) },
  ];
  const service = await createHttpService(
    AppModule.with(resources, parts.limits ?? INGEST_LIMITS),
    {
      log: lines,
      bind: environment.TALLYWARD_BIND,
      port: environment.TALLYWARD_HTTP_PORT,
      ...(parts.metrics ? { metrics: parts.metrics } : {}),
    },
  );
  const { app, fastify, readiness } = service;
  const [snapshots, feed] = [app.get(ProjectSnapshots), app.get(SnapshotFeed)];
  readBodiesAsStreams(service);
  answerOtherOrigins(fastify);
  guardRequests(fastify, {
    snapshots,
    sessions: app.get(Sessions),
    tokens: app.get(CustomerTokens),
    isReady: () => feed.caughtUp(),
    budget: app.get(BodyBudget),
    events: app.get(GatewayEvents),
    used: app.get(KeyUse),
  });
  const { TALLYWARD_CONSOLE_DIR: consoleDir } = environment;
  if (consoleDir !== undefined) serveConsole(fastify, consoleDir, lines);
  passThrough(fastify, {
    addresses,
    secret,
    snapshots,
  });
  readiness.add('log', async () => ({ ok: await log.admin.reachable() }));
  feed.start();
  app.get(LeaseTraffic).start();
  return service;
}

/** No body is read before its route says how much of it, and as what. */
function readBodiesAsStreams({ fastify }: HttpService): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
}
