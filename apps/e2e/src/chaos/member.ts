import { CHECKOUT, type Program, type Supervised, type Supervisor } from '@tallyward/local';
import { until, type Testbed } from '@tallyward/testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MemberName } from './fleet';
import { Trap } from './trap';

const READY_WITHIN_MS = 90_000;
const LOOK_DEADLINE_MS = 2_000;

interface Place {
  readonly name: MemberName;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

/** One service under its supervisor. */
export class Member {
  readonly trap: Trap;
  private running: Supervised | undefined;
  private apps = join(CHECKOUT, 'apps');

  constructor(
    private readonly supervisor: Supervisor,
    private readonly bed: Testbed,
    private readonly place: Place,
  ) {
    this.trap = new Trap(join(bed.directory, `trap-${place.name}`));
  }

  get url(): string {
    return `http://127.0.0.1:${this.place.port}`;
  }

  get pid(): number | undefined {
    return this.running?.pid;
  }

  /** Runs another build from now on: `{apps}/{app}/dist`. */
  async runFrom(apps: string): Promise<void> {
    this.apps = apps;
    await this.running?.stop();
    await this.start();
  }

  async start(): Promise<void> {
    this.running = await this.supervisor.start(this.program());
  }

  /** kill -9; its supervisor starts it again. */
  kill(): void {
    this.running?.kill();
  }

  /** Resolves when it is ready again: the dead one's port refuses until then. */
  async back(): Promise<void> {
    await until(() => this.isReady(), {
      what: `${this.place.name} to be back`,
      withinMs: READY_WITHIN_MS,
    });
  }

  async isReady(): Promise<boolean> {
    const signal = AbortSignal.timeout(LOOK_DEADLINE_MS);
    return (await fetch(`${this.url}/readyz`, { signal })).ok;
  }

  /** Memory it has in RAM; undefined where the system does not say (no /proc). */
  residentBytes(): number | undefined {
    try {
      const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
      const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
      return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
    } catch {
      return undefined;
    }
  }

  private program(): Program {
    const { name } = this.place;
    const app = name.replace(/-\d$/, '');
    return {
      name,
      command: process.execPath,
      args: ['--enable-source-maps', join(this.apps, app, 'dist/main.js')],
      env: { ...this.environment(), ...this.place.env, ...this.trap.environment() },
      readyWithinMs: READY_WITHIN_MS,
      ready: () => this.isReady(),
    };
  }

  private environment(): Record<string, string> {
    const { bed, place } = this;
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      TZ: 'UTC',
      KAFKAJS_NO_PARTITIONER_WARNING: '1',
      TALLYWARD_BIND: '127.0.0.1',
      TALLYWARD_HTTP_PORT: String(place.port),
      TALLYWARD_INSTANCE: place.name,
      TALLYWARD_KAFKA_BROKERS: bed.brokers.join(','),
      TALLYWARD_TOPIC_PREFIX: bed.namespace,
      TALLYWARD_INTERNAL_SECRET: bed.internalSecret,
      TALLYWARD_LOG_LEVEL: 'info',
    };
  }
}
