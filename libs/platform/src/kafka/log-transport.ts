import { applyDecorators, Catch, RpcExceptionFilter, UseFilters } from '@nestjs/common';
import { CustomTransportStrategy, EventPattern, Server } from '@nestjs/microservices';
import { lastValueFrom, Observable, throwError } from 'rxjs';
import { Follower, FollowOptions, LogBatch } from './follow-types';
import { Log } from './log-types';

/**
 * Nest's own filter turns every error into "Internal server error": a fence would look like a bug.
 */
@Catch()
class WholeErrors implements RpcExceptionFilter<unknown> {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/**
 * Marks a method as the handler of a topic's batches: `@LogConsumer(topic) fold(batch: LogBatch)`.
 */
export function LogConsumer(topic: string): MethodDecorator {
  return applyDecorators(EventPattern(topic), UseFilters(WholeErrors));
}

/**
 * Nest's controllers over a follower. Its own Kafka server hands on one message at a time, and
 * swallows errors or
 * loops on them; here a handler gets a LogBatch, and what it throws goes to the follower's rules.
 */
export class LogTransport extends Server implements CustomTransportStrategy {
  private follower: Follower | undefined;

  constructor(
    private readonly log: Pick<Log, 'follow'>,
    private readonly options: Omit<FollowOptions, 'topics' | 'onBatch'>,
  ) {
    super();
  }

  listen(listening: (error?: unknown) => void): void {
    this.start().then(() => listening(), listening);
  }

  async close(): Promise<void> {
    await this.follower?.stop();
  }

  on(): never {
    throw new Error('a log transport has no events: use the follower');
  }

  unwrap<T>(): T {
    return this.follower as T;
  }

  private async start(): Promise<void> {
    const topics = [...this.messageHandlers.keys()];
    if (topics.length === 0) throw new Error('no handler names a topic: see LogConsumer');
    for (const topic of topics) {
      // One batch, one effect: with two handlers, the one that succeeded would see it again.
      if (this.messageHandlers.get(topic)?.next) throw new Error(`${topic} has two handlers`);
    }
    const onBatch = (batch: LogBatch) => this.dispatch(batch);
    this.follower = this.log.follow({ ...this.options, topics, onBatch });
    await this.follower.start();
  }

  private async dispatch(batch: LogBatch): Promise<void> {
    const handler = this.messageHandlers.get(batch.topic);
    if (!handler) throw new Error(`nobody handles ${batch.topic}`);
    const answer: unknown = await handler(batch);
    await lastValueFrom(this.transformToObservable(answer), { defaultValue: undefined });
  }
}
