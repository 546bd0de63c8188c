import { CHECKOUT } from '@tallyward/local';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { BareTask } from './bare-route';

/** A busy machine takes seconds to load the program; one that takes longer never tells. */
const TOLD_WITHIN_MS = 30_000;

const PROGRAM = join(CHECKOUT, 'apps/e2e/dist/decision-http/bare-route.js');

export interface RouteOptions {
  /** Ends the process when it is aborted. */
  readonly signal: AbortSignal;
  /** What it is told first. */
  readonly task?: object;
  readonly withinMs?: number;
}

/** A bare route in a process of its own, not in that of the load. */
export class RouteProcess {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  static serve(task: BareTask, signal: AbortSignal): Promise<RouteProcess> {
    return RouteProcess.start(PROGRAM, { signal, task });
  }

  /**
   * Resolves when the program has told its address. Rejects, with the process gone, when it ends
   * before that, takes longer than `withinMs`, or is aborted.
   */
  static async start(program: string, options: RouteOptions): Promise<RouteProcess> {
    const { signal, task, withinMs = TOLD_WITHIN_MS } = options;
    const child = fork(program, { signal, killSignal: 'SIGKILL' });
    try {
      return new RouteProcess(await told(child, program, withinMs, task), child);
    } catch (error) {
      await ended(child);
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  end(): Promise<void> {
    return ended(this.child);
  }
}

function told(
  child: ChildProcess,
  program: string,
  withinMs: number,
  task: object | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`${program} told no address in ${withinMs} ms`));
    const timer = setTimeout(late, withinMs);
    child.once('message', (url) => {
      clearTimeout(timer);
      resolve(String(url));
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`${program} ended with ${code ?? signal} before it told its address`));
    });
    child.on('error', reject); // for good: an abort that comes later is nobody's fault
    if (task) child.send(task);
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
