import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { birthOf } from './birth';
import { logFile, type LogFile } from './log-file';
import type { Program } from './program';
import { Registry } from './registry';
import { Supervised } from './supervised';
import type { WatchdogLine } from './watchdog';

/** Always the built one: specs run from source, which node can't. */
const WATCHDOG = join(__dirname, '../../dist/supervisor/watchdog.js');

export interface SupervisorOptions {
  /** Holds processes.json, supervisor.json and logs/; one supervisor at a time. */
  readonly directory: string;
  say(line: string): void;
}

/**
 * Starts programs in the order given, restarts what dies, stops them in reverse order. Whatever
 * way this process itself ends, its watchdog sees to it that the programs end too.
 */
export class Supervisor {
  private readonly running: Supervised[] = [];
  private readonly logs: LogFile[] = [];
  private readonly registry: Registry;
  private readonly stopSignals = new Map<string, 'SIGTERM' | 'SIGINT'>();
  private watchdog: ChildProcess | undefined;
  private stopping: Promise<void> | undefined;

  constructor(private readonly options: SupervisorOptions) {
    this.registry = Registry.take(options.directory, options.say);
    mkdirSync(join(options.directory, 'logs'), { recursive: true });
    this.startWatchdog();
  }

  /** Resolves when it is ready. */
  async start(program: Program): Promise<Supervised> {
    if (this.stopping) throw new Error('stopping');
    const log = logFile(join(this.options.directory, 'logs', `${program.name}.log`));
    this.logs.push(log);
    const supervised = new Supervised(program, log, {
      say: this.options.say,
      pid: (name, pid, stopSignal) => this.note(name, pid, stopSignal),
    });
    this.running.push(supervised);
    await supervised.start();
    return supervised;
  }

  get(name: string): Supervised {
    const found = this.running.find((s) => s.program.name === name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  }

  /** All are stopped, the last started first; then this directory is free again. */
  stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  private async stopAll(): Promise<void> {
    for (const supervised of [...this.running].reverse()) await supervised.stop();
    for (const log of this.logs) log.close();
    const watchdog = this.watchdog;
    this.watchdog = undefined;
    watchdog?.stdin?.end();
    this.registry.release();
  }

  private note(name: string, pid: number | undefined, stopSignal: 'SIGTERM' | 'SIGINT'): void {
    const before = this.pids.get(name);
    if (pid !== undefined) {
      this.stopSignals.set(name, stopSignal);
      this.pids.set(name, pid);
      this.tellOf(name, pid);
    } else if (before !== undefined) {
      this.pids.delete(name);
      this.tell({ forget: before });
    }
    this.registry.set(name, pid);
  }

  private readonly pids = new Map<string, number>();

  private tellOf(name: string, pid: number): void {
    const birth = birthOf(pid);
    const stopSignal = this.stopSignals.get(name) ?? 'SIGTERM';
    if (birth) this.tell({ watch: { name, pid, birth, stopSignal } });
  }

  private tell(line: WatchdogLine): void {
    this.watchdog?.stdin?.write(`${JSON.stringify(line)}\n`);
  }

  private startWatchdog(): void {
    const child = spawn(process.execPath, [WATCHDOG], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: process.env.PATH },
    });
    child.stdin?.on('error', () => undefined); // it died: its exit starts the next one
    child.once('exit', () => {
      if (this.stopping || this.watchdog !== child) return;
      this.startWatchdog();
    });
    child.unref();
    this.watchdog = child;
    for (const [name, pid] of this.pids) this.tellOf(name, pid);
  }
}
