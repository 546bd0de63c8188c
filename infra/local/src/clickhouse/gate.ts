import { failed } from './errors';
import type { Limits } from './limits';

const tooMany = (why: string): Error =>
  failed(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', `Too many simultaneous queries. ${why}`);

/** Lets a bounded number of queries run; a bounded number waits, for a bounded time. */
export class Gate {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly limits: Limits) {}

  get busy(): number {
    return this.running;
  }

  /** Resolves to the function that gives the place back; rejects with code 202. */
  enter(): Promise<() => void> {
    const { maxRunningQueries, maxQueuedQueries, maxQueueMs } = this.limits;
    if (this.running < maxRunningQueries) {
      this.running++;
      return Promise.resolve(this.leaver());
    }
    if (this.waiting.length >= maxQueuedQueries) {
      return Promise.reject(tooMany(`Maximum: ${maxRunningQueries}, waiting: ${maxQueuedQueries}`));
    }
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        clearTimeout(timer);
        resolve(this.leaver());
      };
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(turn), 1);
        reject(tooMany(`Waited ${maxQueueMs} ms for a place`));
      }, maxQueueMs);
      this.waiting.push(turn);
    });
  }

  private leaver(): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    };
  }
}
