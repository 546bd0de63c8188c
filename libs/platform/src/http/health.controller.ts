import { Controller, Get, Inject, Res } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { OpenRoute } from './caller';
import { Problem, platformProblem } from './problem';
import { Readiness, type ReadinessResult } from './readiness';

export const METRICS_TEXT = Symbol('the text of /metrics');
/** Prometheus' text format 0.0.4. */
export type MetricsText = () => Promise<{ contentType: string; body: string }>;

@OpenRoute()
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly readiness: Readiness,
    @Inject(METRICS_TEXT) private readonly metricsText: MetricsText,
  ) {}

  /** Alive: the event loop turns. What it depends on is readiness' business. */
  @Get('healthz')
  alive() {
    return { status: 'ok' };
  }

  @Get('readyz')
  async ready(): Promise<unknown> {
    const results = await this.readiness.results();
    const away = results.filter((result) => !result.ok);
    if (away.length > 0) return notReady(away);
    return this.health.check(
      results.map(({ name, detail }) => () => {
        return this.indicators.check(name).up(detail === undefined ? {} : { detail });
      }),
    );
  }

  @Get('metrics')
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    const { contentType, body } = await this.metricsText();
    await reply.header('content-type', contentType).header('cache-control', 'no-store').send(body);
  }
}

function notReady(away: readonly ReadinessResult[]): Problem {
  return platformProblem('service-unavailable', {
    detail: `Not ready: ${away.map((result) => result.name).join(', ')}.`,
    errors: away.map(({ name, detail }) => ({ code: name, detail: detail ?? 'not ready' })),
    headers: { 'retry-after': '1' },
  });
}
