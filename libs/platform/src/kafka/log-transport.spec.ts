import { Controller, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { FollowOptions, LogBatch } from './follow-types';
import { Fenced, LogFault } from './log-fault';
import { LogConsumer, LogTransport } from './log-transport';

const seen: unknown[] = [];

@Controller()
class Fold {
  @LogConsumer('usage.v1')
  async fold(batch: LogBatch): Promise<void> {
    seen.push(batch);
    if (batch.partition === 1) throw new Fenced('someone else was there');
    if (batch.partition === 2) throw new Error('the store is away');
  }
}

@Controller()
class AnotherFold {
  @LogConsumer('usage.v1')
  async fold(): Promise<void> {}
}

@Module({ controllers: [Fold] })
class OneFold {}

@Module({ controllers: [Fold, AnotherFold] })
class TwoFolds {}

@Module({})
class NoFold {}

/** A log whose follower does nothing but remember what it was made with. */
function recording(start: () => Promise<void> = async () => undefined) {
  const made: FollowOptions[] = [];
  const follow = (options: FollowOptions) => {
    made.push(options);
    return {
      start,
      stop: async () => undefined,
      lag: () => [],
      health: () => ({ healthy: true, reasons: [], assigned: 0 }),
    };
  };
  const options = {
    group: 'g',
    position: async () => ({ next: 0n, identity: null }),
    onFatal: () => undefined,
  };
  return { made, strategy: new LogTransport({ follow }, options) };
}

async function listening(module: Type, strategy: LogTransport) {
  const app = await NestFactory.createMicroservice(module, { strategy, logger: false });
  await app.listen();
  return app;
}

const batchOf = (partition: number) => ({ topic: 'usage.v1', partition }) as LogBatch;

describe('the log transport for Nest', () => {
  it('follows the topics its handlers name and hands them whole batches', async () => {
    const { made, strategy } = recording();
    const app = await listening(OneFold, strategy);
    expect(made.map(({ topics }) => topics)).toEqual([['usage.v1']]);
    const batch = batchOf(0);
    await made[0]?.onBatch(batch);
    expect(seen.at(-1)).toBe(batch);
    await app.close();
  });

  it('lets what a handler throws through as it is, so that a fence stays a fence', async () => {
    const { made, strategy } = recording();
    const app = await listening(OneFold, strategy);
    await expect(made[0]?.onBatch(batchOf(1))).rejects.toBeInstanceOf(Fenced);
    await expect(made[0]?.onBatch(batchOf(2))).rejects.toThrow('the store is away');
    await app.close();
  });

  it('does not start over a topic that is not there', async () => {
    const { strategy } = recording(async () => {
      throw new LogFault('topic-missing', 'topic usage.v1 does not exist');
    });
    await expect(listening(OneFold, strategy)).rejects.toMatchObject({ code: 'topic-missing' });
  });

  it('refuses two handlers of one topic, and none at all', async () => {
    await expect(listening(TwoFolds, recording().strategy)).rejects.toThrow('two handlers');
    await expect(listening(NoFold, recording().strategy)).rejects.toThrow('no handler');
  });
});
