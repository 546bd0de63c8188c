import { type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { TerminusModule } from '@nestjs/terminus';
import type { FastifyInstance } from 'fastify';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ServiceLogger, nestLogger } from '../telemetry/logger';
import { useBodyParsers } from './body-parsers';
import { callerGuard } from './caller';
import { dependencyProblem } from './dependency-problem';
import { HealthController, METRICS_TEXT, type MetricsText } from './health.controller';
import { ErrorAnswers, ProblemFilter, type ProblemOfError } from './problem-replies';
import { ProblemAdapter } from './problem-adapter';
import { Readiness } from './readiness';
import { useRequestTrail } from './request-trail';
import { BODY_LIMIT_BYTES, DRAIN_DEADLINE_MS, DRAIN_SWEEP_MS } from './server-limits';

export type HttpServiceOptions = {
  readonly log: ServiceLogger;
  /** Address to listen on. */
  readonly bind: string;
  /** 0: any free port, for tests. */
  readonly port: number;
  /** With it, every route but health wants the gateway's signed caller. */
  readonly callerSecret?: string;
  readonly readiness?: Readiness;
  readonly metrics?: MetricsText;
  /**
   * Content types handed to the route as a Buffer; `application/json` is parsed unless listed
   * here.
   */
  readonly rawBodies?: readonly string[];
  readonly bodyLimitBytes?: number;
  readonly drainDeadlineMs?: number;
  /** Reads errors that nobody caught; by default, a store that is away is 503. */
  readonly mapError?: ProblemOfError;
};

export type HttpService = {
  readonly app: NestFastifyApplication;
  readonly fastify: FastifyInstance;
  readonly readiness: Readiness;
  /** Starts to take requests; answers the address, as `http://127.0.0.1:8081`. */
  listen(): Promise<string>;
  /** Stops taking requests, lets running ones end, then destroys the modules. */
  close(): Promise<void>;
};

class HttpServiceRoot {}

/**
 * A Nest application on Fastify that answers every error as a problem, has its limits named in
 * server-limits.ts, and serves /healthz, /readyz and /metrics. `Readiness` can be injected
 * anywhere.
 */
export async function createHttpService(
  module: Type | DynamicModule,
  options: HttpServiceOptions,
): Promise<HttpService> {
  const readiness = options.readiness ?? new Readiness();
  const answers = new ErrorAnswers(options.log, options.mapError ?? dependencyProblem);
  const adapter = new ProblemAdapter(answers, options.bodyLimitBytes ?? BODY_LIMIT_BYTES);
  const app = await NestFactory.create<NestFastifyApplication>(
    rootOf(module, readiness, options.metrics),
    adapter as unknown as FastifyAdapter,
    { bodyParser: false, abortOnError: false, logger: nestLogger(options.log) },
  );
  const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
  useBodyParsers(fastify, options.rawBodies ?? [], options.bodyLimitBytes ?? BODY_LIMIT_BYTES);
  useRequestTrail(fastify, options.log);
  app.useGlobalFilters(new ProblemFilter(answers));
  if (options.callerSecret !== undefined) app.useGlobalGuards(callerGuard(options.callerSecret));
  return {
    app,
    fastify,
    readiness,
    listen: () => listen(app, fastify, options),
    close: () =>
      close(app, fastify.server, readiness, options.drainDeadlineMs ?? DRAIN_DEADLINE_MS),
  };
}

function rootOf(
  module: Type | DynamicModule,
  readiness: Readiness,
  metrics: MetricsText = async () => ({ contentType: 'text/plain', body: '' }),
): DynamicModule {
  const provided = [
    { provide: Readiness, useValue: readiness },
    { provide: METRICS_TEXT, useValue: metrics },
  ];
  return {
    module: HttpServiceRoot,
    global: true,
    imports: [TerminusModule.forRoot({ logger: false }), module],
    controllers: [HealthController],
    providers: provided,
    exports: [Readiness],
  };
}

async function listen(
  app: NestFastifyApplication,
  fastify: FastifyInstance,
  { bind, port }: HttpServiceOptions,
): Promise<string> {
  await app.listen({ host: bind, port });
  const address = fastify.server.address() as AddressInfo;
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

async function close(
  app: NestFastifyApplication,
  server: Server,
  readiness: Readiness,
  drainDeadlineMs: number,
): Promise<void> {
  readiness.drain();
  // Modules may close their engines only when the last running request has been answered.
  await drained(server, drainDeadlineMs);
  await app.close();
}

/** No new connections; those at rest are closed, the others when they come to rest or at last. */
async function drained(server: Server, deadlineMs: number): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), DRAIN_SWEEP_MS);
  const cut = setTimeout(() => server.closeAllConnections(), deadlineMs);
  // A server that never listened answers with an error, and has nothing to drain.
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearInterval(sweep);
  clearTimeout(cut);
}
