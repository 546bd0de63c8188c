import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FromThread, ThreadTask, ToThread } from './partition-thread';
import type { PartitionResult } from './reconcile-partition';

/** Each holds 37 days of one partition's keys, and two sessions of Postgres. */
const MOST_THREADS = 4;
/** How long threads may take to close what they opened. */
const END_WITHIN_MS = 5_000;
const BUILT = join(__dirname, 'partition-thread.js');

/**
 * Threads that each compare one partition at a time. They load while the folds are waited for;
 * what one of them can't do, or its end, ends the whole comparison.
 */
export class PartitionThreads {
  private readonly threads: readonly Worker[];
  private readonly lost: Promise<never>;

  /** `program`: what each thread runs. */
  constructor(program = BUILT) {
    const count = Math.min(MOST_THREADS, availableParallelism());
    this.threads = Array.from({ length: count }, () => new Worker(program));
    this.lost = Promise.race(this.threads.map(whenLost));
    this.lost.catch(() => undefined); // who reads hears of it
  }

  /** All partitions of the task, in its order. */
  async read(
    task: ThreadTask,
    onEntries: (entries: number) => void,
  ): Promise<readonly PartitionResult[]> {
    const partitions = [...task.upTo.keys()];
    const results = new Map<number, PartitionResult>();
    const waiting = [...partitions];
    const readOn = async (thread: Worker): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        results.set(next, await readOne(thread, { task, partition: next }, onEntries));
      }
    };
    await Promise.race([Promise.all(this.threads.map(readOn)), this.lost]);
    return partitions.flatMap((partition) => results.get(partition) ?? []);
  }

  async close(): Promise<void> {
    const late = setTimeout(() => {
      for (const thread of this.threads) void thread.terminate();
    }, END_WITHIN_MS);
    await Promise.all(this.threads.map(end));
    clearTimeout(late);
  }
}

function whenLost(thread: Worker): Promise<never> {
  return new Promise((_, reject) => {
    thread.once('error', reject);
    thread.once('exit', (code) => reject(new Error(`A thread ended with ${code}`)));
  });
}

function readOne(
  thread: Worker,
  asked: NonNullable<ToThread>,
  onEntries: (entries: number) => void,
): Promise<PartitionResult> {
  return new Promise((resolve, reject) => {
    const hear = (told: FromThread): void => {
      if (told.kind === 'entries') return onEntries(told.entries);
      thread.off('message', hear);
      if (told.kind === 'read') resolve(told.result);
      else reject(told.error instanceof Error ? told.error : new Error(String(told.error)));
    };
    thread.on('message', hear);
    thread.postMessage(asked satisfies ToThread);
  });
}

function end(thread: Worker): Promise<void> {
  if (thread.threadId < 0) return Promise.resolve();
  return new Promise((resolve) => {
    thread.once('exit', () => resolve());
    thread.postMessage(null satisfies ToThread);
  });
}
