/**
 * For telemetry.spec.ts: a gateway and a service behind it in one process of their own, as the
 * instrumentation can't reach into jest's modules. Its argument says how it ends.
 */
import 'reflect-metadata';
import { Body, Controller, Module, Post } from '@nestjs/common';
import { metrics, trace } from '@opentelemetry/api';
import { forward } from '../http/forward';
import { createHttpService } from '../http/http-service';
import { streamBodies } from '../http/stream-bodies';
import { createLogger } from './logger';
import { runService } from './run-service';
import { startTelemetry } from './start-telemetry';

const origin = { service: 'spec', instance: 'spec-1' };
const telemetry = startTelemetry({
  ...origin,
  traceFile: process.env['TALLYWARD_TRACE_FILE'],
  traceRatio: Number(process.env['TALLYWARD_TRACE_RATIO']),
});
const log = createLogger({ ...origin, level: 'info' });

@Controller('v1')
class Behind {
  @Post('things')
  make(@Body() body: { name: string }) {
    metrics.getMeter('spec').createCounter('tallyward_spec_things_total').add(1);
    metrics.getMeter('spec').createHistogram('tallyward_spec_seconds', { unit: 's' }).record(0.2);
    log.info('made');
    return { name: body.name, traceId: trace.getActiveSpan()?.spanContext().traceId ?? null };
  }
}
@Module({ controllers: [Behind] })
class BehindModule {}
@Module({})
class GatewayModule {}

void runService(log, telemetry, async () => {
  const options = { log, bind: '127.0.0.1', port: 0, metrics: telemetry.metricsText };
  const behind = await createHttpService(BehindModule, options);
  const baseUrl = await behind.listen();
  const gateway = await createHttpService(GatewayModule, options);
  streamBodies(gateway.fastify, [
    {
      method: 'POST',
      url: '/v1/*',
      handle: (request, reply) => forward(request, reply, { name: 'behind', baseUrl }),
    },
  ]);
  const address = await gateway.listen();
  log.info({ address }, 'listening');
  if (process.argv[2] === 'reject') void Promise.reject(new Error('nobody caught me'));
  if (process.argv[2] === 'fail') throw new Error('no such database');
  return {
    close: async () => {
      await gateway.close();
      await behind.close();
    },
  };
});
