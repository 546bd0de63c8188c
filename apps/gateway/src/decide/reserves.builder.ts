import type { DecisionRequest } from '@tallyward/contracts';
import { demandOf, type Limit } from '@tallyward/domain';
import {
  EntitlementInMemory,
  type BareRedis,
  type BareRowLock,
  type Reserve,
} from '@tallyward/testing';
import { SWEEP_EVERY_MS } from '../leases/lease-limits';
import { limitsByCounter } from './bench-calls.builder';
import { BenchGateway } from './bench-gateway.builder';

/** What an ask took over Kafka with a transaction of Postgres, alone on two cores (DESIGN §8). */
const ASK_MS = 6;
const GROUP = 'standard';
const NOTHING = { inputTokens: 0, maxOutputTokens: 0, images: 0, toolCalls: 0 };
const ONE_CALL = demandOf(NOTHING);

const nameOf = (customer: number): string => `customer-${customer}`;
const namesOf = (customers: number): string[] =>
  Array.from({ length: customers }, (_, n) => nameOf(n));

/** Decided, held, signed, and settled at once; the fold counts it in the same turn. */
export class TallywardReserve implements Reserve {
  readonly name = 'tallyward';
  private gateway: BenchGateway | undefined;
  private entitlement: EntitlementInMemory | undefined;
  private requests: DecisionRequest[] = [];
  private counts: number[] = [];
  private sweeping: NodeJS.Timeout | undefined;

  async open(customers: number, amount: number): Promise<void> {
    clearInterval(this.sweeping);
    const limits = [monthly(amount)];
    const entitlement = new EntitlementInMemory(limitsByCounter(limits));
    const gateway = new BenchGateway(limits, entitlement, ASK_MS);
    this.requests = namesOf(customers).map((customer) => {
      gateway.knows(customer);
      return { customer, model: GROUP, estimate: NOTHING, hold: true, ttlSeconds: 300 };
    });
    this.counts = this.requests.map(() => 0);
    this.sweeping = setInterval(() => gateway.sweep(), SWEEP_EVERY_MS);
    [this.gateway, this.entitlement] = [gateway, entitlement];
  }

  async take(customer: number): Promise<boolean> {
    const { gateway, entitlement } = this;
    if (!gateway || !entitlement) throw new Error('not opened');
    const { holdId } = await gateway.decide(this.requests[customer] as DecisionRequest);
    if (holdId === null) return false;
    const { parts } = gateway.settle(holdId, ONE_CALL);
    entitlement.settled(parts);
    this.counts[customer] = (this.counts[customer] as number) + 1;
    return true;
  }

  async used(): Promise<readonly number[]> {
    clearInterval(this.sweeping);
    const over = this.entitlement?.sums().over;
    if (over !== 0) throw new Error(`leases and use are ${over} above the amounts`);
    return this.counts;
  }

  async close(): Promise<void> {
    clearInterval(this.sweeping);
  }
}

function monthly(amount: number): Limit {
  const replenishment = { kind: 'reset' } as const;
  const rest = { onLimit: 'block', restrictTo: null, replenishment, message: null } as const;
  return { scope: 'customer', modelGroup: GROUP, unit: 'calls', window: 'month', amount, ...rest };
}

export class RedisReserve implements Reserve {
  readonly name: string;
  private names: string[] = [];
  private amount = 0;

  /** `reserve`: one script; `readThenCharge`: two round trips, and others between them. */
  constructor(
    private readonly redis: BareRedis,
    private readonly how: 'reserve' | 'readThenCharge',
  ) {
    this.name = how === 'reserve' ? 'Redis Lua reserve' : 'read, then charge (Redis)';
  }

  async open(customers: number, amount: number): Promise<void> {
    await this.redis.clear();
    this.names = namesOf(customers);
    this.amount = amount;
  }

  take(customer: number): Promise<boolean> {
    return this.redis[this.how](this.names[customer] as string, 1, this.amount);
  }

  used(): Promise<readonly number[]> {
    return this.redis.used(this.names);
  }
}

export class RowLockReserve implements Reserve {
  readonly name = 'a Postgres row lock per call';
  private names: string[] = [];

  constructor(private readonly rows: BareRowLock) {}

  async open(customers: number, amount: number): Promise<void> {
    this.names = namesOf(customers);
    await this.rows.reset(this.names, amount);
  }

  take(customer: number): Promise<boolean> {
    return this.rows.reserve(this.names[customer] as string, 1);
  }

  used(): Promise<readonly number[]> {
    return this.rows.used();
  }
}
