import {
  ADMISSIONS_IN_FLIGHT,
  type BareRedis,
  type BareRowLock,
  type Reserve,
} from '@tallyward/testing';
import type { Stack } from '../stack.builder';
import type { BareTask } from './bare-route';
import { named, newcomersHave, WIDE } from './bench-lanes.builder';
import { DecisionCaller } from './decision-caller.builder';
import { RouteProcess } from './route-process.builder';

/** The process that serves the route in the turn of the side that opened last. */
export interface Serving {
  pid: number | undefined;
}

/** A reserve behind a route: each turn's calls go over fresh connections, idle ones are closed. */
abstract class HttpReserve implements Reserve {
  abstract readonly name: string;
  /** Of all turns: calls that were throttled because they could not be decided in time. */
  undecided = 0;
  private caller: DecisionCaller | undefined;

  constructor(
    protected readonly key: string,
    protected readonly serving: Serving,
  ) {}

  abstract open(customers: number, amount: number): Promise<void>;
  abstract used(): Promise<readonly number[]>;

  protected async call(url: string, customers: readonly string[]): Promise<void> {
    this.endTurn();
    const at = { url, key: this.key, model: WIDE };
    this.caller = await DecisionCaller.open(at, customers, ADMISSIONS_IN_FLIGHT);
  }

  take(customer: number): Promise<boolean> {
    if (!this.caller) throw new Error('not opened');
    return this.caller.admits(customer);
  }

  /** By its answers. */
  protected admitted(): readonly number[] {
    return this.caller?.admitted ?? [];
  }

  async close(): Promise<void> {
    this.endTurn();
  }

  private endTurn(): void {
    this.undecided += this.caller?.undecided ?? 0;
    this.caller?.close();
    this.caller = undefined;
  }
}

/** One gateway of the stack. Customers are new to it in every round: no lease is there yet. */
export class StackReserve extends HttpReserve {
  readonly name = 'tallyward';
  private tierOf: number | undefined;
  private rounds = 0;

  constructor(
    private readonly stack: Stack,
    serving: Serving,
  ) {
    super(stack.operatorKey, serving);
  }

  async open(customers: number, amount: number): Promise<void> {
    const { stack } = this;
    const [gateway] = stack.gateways;
    if (this.tierOf !== amount) {
      const limit = { scope: 'customer', modelGroup: 'standard', unit: 'calls', window: 'month' };
      await newcomersHave(stack, `Admissions ${amount}`, [{ ...limit, amount, onLimit: 'block' }]);
      this.tierOf = amount;
    }
    const round = `${customers}-customers-round-${(this.rounds += 1)}`;
    this.serving.pid = gateway?.pid;
    await this.call(gateway?.url ?? '', named(round, customers));
  }

  async used(): Promise<readonly number[]> {
    return this.admitted();
  }
}

/** What a bare route keeps its limits in, as the bench sees it. */
export interface BareLimits {
  readonly name: string;
  /** Fresh limits of so many units for those of these names. */
  reset(names: readonly string[], amount: number): Promise<void>;
  /** What was taken, by name or in any order. */
  used(names: readonly string[]): Promise<readonly number[]>;
  task(amount: number): BareTask;
}

/** A process that serves the route by bare means. What was taken is what its engine says. */
export class BareReserve extends HttpReserve {
  readonly name: string;
  private names: readonly string[] = [];
  private route: RouteProcess | undefined;

  constructor(
    private readonly limits: BareLimits,
    key: string,
    serving: Serving,
    private readonly brokenOff: AbortSignal,
  ) {
    super(key, serving);
    this.name = limits.name;
  }

  async open(customers: number, amount: number): Promise<void> {
    this.names = named('customer', customers);
    await this.limits.reset(this.names, amount);
    this.route ??= await RouteProcess.serve(this.limits.task(amount), this.brokenOff);
    this.serving.pid = this.route.pid;
    await this.call(this.route.url, this.names);
  }

  used(): Promise<readonly number[]> {
    return this.limits.used(this.names);
  }

  override async close(): Promise<void> {
    await super.close();
    await this.route?.end();
  }
}

export const inRedis = (redis: BareRedis, how: 'reserve' | 'readThenCharge'): BareLimits => ({
  name: how === 'reserve' ? 'Redis Lua reserve' : 'read, then charge (Redis)',
  reset: () => redis.clear(),
  used: (names) => redis.used(names),
  task: (amount) => ({ how, port: redis.port, amount }),
});

/** `postgres`: the URL of the database that the rows are in. */
export const inRows = (rows: BareRowLock, postgres: string): BareLimits => ({
  name: 'a Postgres row lock per call',
  reset: (names, amount) => rows.reset(names, amount),
  used: () => rows.used(),
  task: () => ({ how: 'rowLock', postgres }),
});
