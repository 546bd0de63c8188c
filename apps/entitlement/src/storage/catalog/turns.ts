import { within } from '../bounded';

/** Changes that one instance carries out at once; each takes a connection of the pool. */
export const MAX_CHANGES_AT_ONCE = 4;
/** Changes that wait for their turn; further ones are refused. */
export const MAX_CHANGES_WAITING = 200;

/** Too many changes at once: nothing was done. */
export class TooManyChanges extends Error {
  override readonly name = 'TooManyChanges';
}

interface Waiting {
  readonly project: string;
  start(): void;
}

/**
 * Lets changes through a few at a time, and one at a time per project: what would only wait for
 * the same row's lock waits here, without a connection, and leaves the others their way.
 */
export class Turns {
  private readonly running = new Set<string>();
  private waiting: Waiting[] = [];

  /** Rejects with TooManyChanges or DeadlinePassed; work that hasn't begun by then never does. */
  take<T>(project: string, deadlineMs: number, work: () => Promise<T>): Promise<T> {
    if (this.waiting.length >= MAX_CHANGES_WAITING) {
      return Promise.reject(new TooManyChanges('too many changes are waiting'));
    }
    let leave = (): void => undefined;
    const done = new Promise<T>((resolve, reject) => {
      const entry: Waiting = {
        project,
        start: () => {
          this.running.add(project);
          work()
            .then(resolve, reject)
            .finally(() => {
              this.running.delete(project);
              this.next();
            });
        },
      };
      leave = () => {
        this.waiting = this.waiting.filter((other) => other !== entry);
      };
      this.waiting.push(entry);
    });
    this.next();
    return within(deadlineMs, done).finally(leave);
  }

  private next(): void {
    while (this.running.size < MAX_CHANGES_AT_ONCE) {
      const at = this.waiting.findIndex(({ project }) => !this.running.has(project));
      if (at < 0) return;
      this.waiting.splice(at, 1)[0]?.start();
    }
  }
}
