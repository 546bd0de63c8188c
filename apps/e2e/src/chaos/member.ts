import type { Program, Supervised, Supervisor } from '@tallyward/local';
import {
  isReady,
  residentBytes,
  serviceProgram,
  Trap,
  until,
  type ServiceName,
  type Testbed,
} from '@tallyward/testing';
import { join } from 'node:path';
import type { MemberName } from './fleet';

const READY_WITHIN_MS = 90_000;

interface Place {
  readonly name: MemberName;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

/** One service under its supervisor. */
export class Member {
  readonly trap: Trap;
  private running: Supervised | undefined;
  private apps: string | undefined;

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

  /** Runs another build from now on: `{apps}/{app}/dist`; without one, the checkout's. */
  async runFrom(apps?: string): Promise<void> {
    this.apps = apps;
    await this.running?.stop();
    await this.start();
  }

  async start(): Promise<void> {
    this.running = await this.supervisor.start(this.program());
  }

  /**
   * Dies at each of the points, and is started again at once: its supervisor would be patient with
   * one that keeps dying. Then it stays. `before` is done before the life that ends at a point.
   */
  async diesAt(
    points: readonly string[],
    before: (point: string) => Promise<void> = async () => undefined,
  ): Promise<void> {
    this.trap.set(points);
    await this.running?.stop();
    for (const [life, point] of points.entries()) {
      await before(point);
      const program = { ...this.program(), restarts: false };
      // It may die before it is ready.
      const alive = await this.supervisor.start(program).catch(() => undefined);
      await this.trap.sprung(life + 1);
      await alive?.end();
    }
    await this.start();
  }

  private program(): Program {
    const { name: instance, port, env } = this.place;
    const app = instance.replace(/-\d$/, '') as ServiceName;
    const place = { app, instance, port, env: { ...env, ...this.trap.environment() } };
    const limits = { readyWithinMs: READY_WITHIN_MS, ...(this.apps && { apps: this.apps }) };
    return serviceProgram(this.bed, { ...place, ...limits });
  }

  /** kill -9; its supervisor starts it again. */
  kill(): void {
    this.running?.kill();
  }

  /** Resolves when it is ready again: the dead one's port refuses until then. */
  async back(): Promise<void> {
    await until(() => isReady(this.url), {
      what: `${this.place.name} to be back`,
      withinMs: READY_WITHIN_MS,
    });
  }

  /** Memory it has in RAM; undefined where the system does not say. */
  residentBytes(): number | undefined {
    return this.pid === undefined ? undefined : residentBytes(this.pid);
  }
}
