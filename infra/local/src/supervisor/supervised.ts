import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { signal } from './birth';
import type { LogFile } from './log-file';
import { READY_WITHIN_MS, STOP_WITHIN_MS, type Program } from './program';

export const POLL_MS = 50;
/** The first restarts come at once; one that keeps dying waits longer each time, up to this. */
const BACK_OFF_MS = [0, 0, 250, 1_000, 2_000, 4_000, 10_000];
/** Alive for this long, a process is no longer in a crash loop. */
const STEADY_MS = 20_000;

export interface SupervisedEvents {
  say(line: string): void;
  /** Called with the new pid, or undefined when there is none. */
  pid(name: string, pid: number | undefined, stopSignal: 'SIGTERM' | 'SIGINT'): void;
}

/** One program kept running: started, watched, restarted when it dies, stopped when asked. */
export class Supervised {
  private child: ChildProcess | undefined;
  private ended: Promise<void> = Promise.resolve();
  private wanted = false;
  private crashes = 0;
  private startedAt = 0;
  private isReady = false;
  /** It was ready once: from then on a death is a crash, before that a failed start. */
  private wasReady = false;

  constructor(
    readonly program: Program,
    private readonly log: LogFile,
    private readonly events: SupervisedEvents,
  ) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get readyNow(): boolean {
    return this.isReady;
  }

  /** Starts and waits until ready; throws with the last lines of its log when it is not. */
  async start(): Promise<void> {
    this.wanted = true;
    this.wasReady = false;
    await this.launch();
    const limit = this.program.readyWithinMs ?? READY_WITHIN_MS;
    if (await this.becomesReady(this.child, limit)) return;
    const why = this.child ? `was not ready within ${limit / 1000} s` : 'ended while starting';
    await this.stop();
    throw new Error(`${this.program.name} ${why}. Its last lines:\n${this.log.tail()}`);
  }

  /** Asks it to stop, waits, and ends it by force past its limit. */
  async stop(): Promise<void> {
    this.wanted = false;
    const child = this.child;
    if (!child?.pid) return this.ended;
    signal(child.pid, this.program.stopSignal ?? 'SIGTERM', false);
    const limit = this.program.stopWithinMs ?? STOP_WITHIN_MS;
    const late = await Promise.race([
      this.ended.then(() => false),
      pause(limit, true, { ref: false }),
    ]);
    if (late) {
      this.events.say(`${this.program.name} did not stop within ${limit / 1000} s: ending it`);
      this.kill();
      await this.ended;
    }
  }

  /** kill -9, as a crash would: the supervisor starts it again. */
  kill(): void {
    this.isReady = false;
    if (this.child?.pid) signal(this.child.pid, 'SIGKILL', true);
  }

  /** kill -9 and no restart: waits for its end. `start` brings it back. */
  async end(): Promise<void> {
    this.wanted = false;
    this.kill();
    await this.ended;
  }

  /** Resolves when it is ready (again); throws past its limit. */
  async serves(): Promise<void> {
    const deadline = Date.now() + (this.program.readyWithinMs ?? READY_WITHIN_MS);
    while (!this.isReady) {
      if (Date.now() > deadline) throw new Error(`${this.program.name} does not serve`);
      await pause(POLL_MS);
    }
  }

  private async launch(): Promise<void> {
    await this.program.prepare?.();
    if (!this.wanted) return;
    const { command, args, env, cwd, uid, gid } = this.program;
    const child = spawn(command, [...args], {
      env: { ...env },
      cwd,
      uid,
      gid,
      // Its own group: Ctrl-C reaches the supervisor alone, which stops all in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    this.startedAt = Date.now();
    child.stdout?.on('data', (chunk: Buffer) => this.log.write(chunk));
    child.stderr?.on('data', (chunk: Buffer) => this.log.write(chunk));
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => {
        this.log.write(Buffer.from(`${error.message}\n`));
        this.over(child, 'could not be started');
        resolve();
      });
      child.once('exit', (code, by) => {
        this.over(child, by ? `was ended by ${by}` : `ended with code ${code}`);
        resolve();
      });
    });
    this.events.pid(this.program.name, child.pid, this.program.stopSignal ?? 'SIGTERM');
  }

  private over(child: ChildProcess, how: string): void {
    if (this.child !== child) return;
    // Workers of a killed leader (Postgres' backends) hold its memory and ports: end them too.
    if (child.pid) endGroup(child.pid);
    this.child = undefined;
    this.isReady = false;
    this.events.pid(this.program.name, undefined, this.program.stopSignal ?? 'SIGTERM');
    if (this.program.restarts === false) this.wanted = false;
    if (!this.wanted || !this.wasReady) return;
    void this.restart(how);
  }

  private async restart(how: string): Promise<void> {
    this.crashes = Date.now() - this.startedAt > STEADY_MS ? 1 : this.crashes + 1;
    const wait = BACK_OFF_MS[Math.min(this.crashes, BACK_OFF_MS.length) - 1] ?? 0;
    const when = wait === 0 ? 'now' : `in ${wait / 1000} s, it keeps dying`;
    this.events.say(`${this.program.name} ${how}; starting it again ${when}`);
    const from = Date.now();
    await pause(wait, undefined, { ref: false });
    if (!this.wanted) return;
    try {
      await this.launch();
    } catch (error) {
      this.events.say(`${this.program.name}: ${(error as Error).message}`);
      return this.restart('could not be prepared');
    }
    const child = this.child;
    const limit = this.program.readyWithinMs ?? READY_WITHIN_MS;
    if (await this.becomesReady(child, limit)) {
      const took = ((Date.now() - from) / 1000).toFixed(1);
      this.events.say(`${this.program.name} is back after ${took} s`);
    } else if (this.wanted && child && this.child === child) {
      this.events.say(`${this.program.name} was not ready within ${limit / 1000} s`);
      this.kill();
    }
  }

  /** False when it ended, was replaced or was told to stop, or when the limit passed. */
  private async becomesReady(child: ChildProcess | undefined, limitMs: number): Promise<boolean> {
    const deadline = Date.now() + limitMs;
    while (child && this.child === child && this.wanted && Date.now() < deadline) {
      if (await this.program.ready().catch(() => false)) {
        if (this.child !== child) return false;
        this.isReady = true;
        this.wasReady = true;
        return true;
      }
      await pause(POLL_MS);
    }
    return false;
  }
}

function endGroup(pid: number): void {
  try {
    signal(pid, 'SIGKILL', true);
  } catch {
    // EPERM: nobody of the group is left and its number belongs to others.
  }
}
