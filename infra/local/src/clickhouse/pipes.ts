import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';

/**
 * Named pipes through which the engine writes an answer (INTO OUTFILE) while this process reads
 * it. The pipe's 64 KiB are all that is ever in flight: a slow client slows the engine down, and
 * an answer of any size needs no memory here. One pipe serves one query at a time.
 */
export class Pipes {
  private readonly free: string[];

  /** `mkfifo` belongs to every Unix; Node has no call of its own for it. */
  constructor(folder: string, count: number) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.free = Array.from({ length: count }, (_, i) => join(folder, `answer-${i}`));
    execFileSync('mkfifo', ['-m', '600', ...this.free]);
  }

  /** As many as there may be running queries: the gate in front keeps this from running dry. */
  open(): AnswerPipe {
    const path = this.free.pop();
    if (path === undefined || !existsSync(path)) throw new Error('no answer pipe is free');
    return new AnswerPipe(path, () => this.free.push(path));
  }
}

export class AnswerPipe {
  readonly output: Socket;
  /** Keeps the pipe from ending before the engine has opened it. */
  private keeper: number | undefined;

  constructor(
    readonly path: string,
    private readonly release: () => void,
  ) {
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.keeper = openSync(path, constants.O_WRONLY);
    this.output = new Socket({ fd: reader, readable: true, writable: false });
    // whoever reads it sees the error; one that nobody reads any more is of no interest
    this.output.on('error', () => undefined);
  }

  /** The engine has written all it will: `output` ends behind the last byte. */
  complete(): void {
    if (this.keeper === undefined) return;
    closeSync(this.keeper);
    this.keeper = undefined;
  }

  /** Only once the engine is done with it: what it wrote for one query must not reach another. */
  close(): void {
    this.complete();
    this.output.destroy();
    this.release();
  }
}
