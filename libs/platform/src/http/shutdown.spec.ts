import { Controller, Get, Injectable, Module, type OnModuleDestroy } from '@nestjs/common';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createLogger } from '../telemetry/logger';
import { type HttpService, createHttpService } from './http-service';

const log = createLogger({ service: 's', instance: 's', level: 'silent', to: { write: () => {} } });

@Injectable()
class Engine implements OnModuleDestroy {
  closed = false;
  readonly entered: Promise<void>;
  readonly gate: Promise<void>;
  enter!: () => void;
  open!: () => void;

  constructor() {
    this.entered = new Promise((resolve) => (this.enter = resolve));
    this.gate = new Promise((resolve) => (this.open = resolve));
  }

  onModuleDestroy() {
    this.closed = true;
  }
}

@Controller()
class Slow {
  constructor(private readonly engine: Engine) {}

  @Get('slow')
  async slow() {
    this.engine.enter();
    await this.engine.gate;
    return { engineClosed: this.engine.closed };
  }
}
@Module({ controllers: [Slow], providers: [Engine] })
class SlowModule {}

async function started(drainDeadlineMs?: number): Promise<{
  service: HttpService;
  base: string;
  engine: Engine;
}> {
  const service = await createHttpService(SlowModule, {
    log,
    bind: '127.0.0.1',
    port: 0,
    ...(drainDeadlineMs === undefined ? {} : { drainDeadlineMs }),
  });
  const base = await service.listen();
  return { service, base, engine: service.app.get(Engine) };
}

test('a running request is answered before the engines close, and no new one is taken', async () => {
  const { service, base, engine } = await started();
  const running = fetch(`${base}/slow`);
  await engine.entered;
  const closing = service.close();
  await expect(fetch(`${base}/slow`)).rejects.toThrow();
  engine.open();
  expect(await (await running).json()).toEqual({ engineClosed: false });
  await closing;
  expect(engine.closed).toBe(true);
});

test('a request that does not end is cut at the deadline', async () => {
  const { service, base, engine } = await started(100);
  const running = fetch(`${base}/slow`);
  await engine.entered;
  const [outcome] = await Promise.allSettled([running, service.close()]);
  expect(outcome.status).toBe('rejected');
  engine.open();
});

test('a request whose headers never end is answered 408', async () => {
  const { service, base } = await started();
  service.fastify.server.headersTimeout = 100;
  const socket = connect(Number(new URL(base).port), '127.0.0.1');
  socket.write('GET /slow HTTP/1.1\r\nhost: x\r\n');
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  expect(bytes.toString()).toMatch(/^HTTP\/1\.1 408 .*"code":"bad-request"/s);
  await service.close();
});
