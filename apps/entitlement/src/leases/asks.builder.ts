import {
  limitOf,
  type QuotaAsk,
  type QuotaGrant,
  quotaGrant,
  type TierLimit,
  topicConfigs,
  TOPICS,
} from '@tallyward/contracts';
import { counterName, partitionKey, USAGE_PARTITIONS } from '@tallyward/domain';
import { type Log, type LogBatch, openLog, partitionOf } from '@tallyward/platform';
import type { Testbed } from '@tallyward/testing';
import { LeaseStore } from '../storage/leases/lease-store';
import { openStorage } from '../storage/data-source';
import { AsksFold } from './asks-fold';
import { GrantsSender } from './grants-sender';
import { RefusedGateways } from './refused-gateways';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const IDENTITY = 'cluster/asks';

type LeaseAsked = Extract<QuotaAsk, { type: 'lease.asked' }>;
export type Told<T extends QuotaGrant['type']> = Extract<QuotaGrant, { type: T }>;

/** A limit as people write it; what is not given is a plain one of calls a day. */
export function tierLimit(more: Partial<TierLimit> = {}): TierLimit {
  return {
    scope: 'customer',
    modelGroup: '*',
    unit: 'calls',
    window: 'day',
    amount: 100,
    onLimit: 'block',
    restrictTo: null,
    replenishment: { kind: 'reset' },
    message: null,
    ...more,
  };
}

/** The name of the counter that a limit has for a value of its scope. */
export function nameOf(limit: TierLimit, scopeValue: string): string {
  return counterName(limitOf(limit), scopeValue);
}

/** For specs: entitlement's side of leases, on real engines; batches are handed to it at once. */
export class AsksWorld {
  readonly told: QuotaGrant[] = [];
  private lastAsk = 0;
  private lastProject = 0;
  private readonly offsets = new Map<number, bigint>();

  private constructor(
    readonly dataSource: Awaited<ReturnType<typeof openStorage>>,
    readonly log: Log,
    private readonly sender: GrantsSender,
  ) {}

  static async open(bed: Testbed): Promise<AsksWorld> {
    const dataSource = await openStorage(bed.postgres.entitlement, 'asks-spec', () => undefined);
    const { namespace, brokers } = bed;
    const options = { brokers: [...brokers], clientId: 'spec', namespace, logger: silent };
    const log = openLog(options);
    const declared = Object.values(TOPICS).map((one) => {
      return { name: one.name, partitions: one.partitions, configs: topicConfigs(one) };
    });
    await log.admin.ensureTopics(declared);
    return new AsksWorld(dataSource, log, new GrantsSender(log));
  }

  async close(): Promise<void> {
    await this.sender.onModuleDestroy();
    await this.log.close();
    await this.dataSource.destroy();
  }

  /** An instance of entitlement, in as far as asks go; what it tells is kept in `told`. */
  instance(): AsksFold {
    const send = async (told: readonly QuotaGrant[]): Promise<void> => {
      this.told.push(...told.map((one) => quotaGrant.parse(JSON.parse(JSON.stringify(one)))));
    };
    const sender = { send } as GrantsSender;
    return new AsksFold(new LeaseStore(this.dataSource), sender, new RefusedGateways(), this.log);
  }

  /** A project whose default tier has these limits; frozen once somebody is on it. */
  async project(limits: readonly TierLimit[], timeZone = 'UTC'): Promise<string> {
    const project = `p${(this.lastProject += 1)}`;
    const settings = { timeZone, defaultTier: { name: 'Tier', version: 1 } };
    await this.dataSource.query(
      `INSERT INTO entitlement.project (project, name, version, settings, created_at)
       VALUES ($1, $1, 1, $2, clock_timestamp())`,
      [project, JSON.stringify(settings)],
    );
    await this.tier(project, 1, limits);
    return project;
  }

  async tier(project: string, version: number, limits: readonly TierLimit[]): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO entitlement.tier_version (project, name, version, revision, limits, created_at)
       VALUES ($1, 'Tier', $2, 1, $3, clock_timestamp())`,
      [project, version, JSON.stringify(limits)],
    );
  }

  /** Gives the customer another version of its tier, from now on. */
  async assign(project: string, version: number, customer = 'acme'): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO entitlement.tier_assignment (project, customer, tier, tier_version,
         effective_from, carry_usage, actor, reason)
       VALUES ($1, $2, 'Tier', $3, $4, true, 'spec', NULL)`,
      [project, customer, version, Date.now() - 1],
    );
  }

  /** Gives the customer another time zone. */
  async move(project: string, timeZone: string, customer = 'acme'): Promise<void> {
    await this.dataSource.query(
      `UPDATE entitlement.customer SET time_zone = $3, version = version + 1
       WHERE project = $1 AND customer = $2`,
      [project, customer, timeZone],
    );
  }

  ask(project: string, wants: LeaseAsked['wants'], more: Partial<LeaseAsked> = {}): LeaseAsked {
    return {
      type: 'lease.asked',
      project,
      customer: 'acme',
      gateway: 'g1.x',
      ask: `g1.x-${(this.lastAsk += 1)}`,
      wants,
      watches: [],
      longestMs: 300_000,
      opensAt: null,
      looks: false,
      customerVersion: 0,
      ...more,
    };
  }

  /** The next batch of the partition of these messages' customer. */
  batch(said: readonly QuotaAsk[], more: Partial<LogBatch['entries'][number]> = {}): LogBatch {
    const [first] = said;
    if (!first) throw new Error('a batch of nothing');
    const partition = partitionOf(partitionKey(first.project, first.customer), USAGE_PARTITIONS);
    const from = this.offsets.get(partition) ?? 0n;
    const next = from + BigInt(said.length);
    this.offsets.set(partition, next);
    const entries = said.map((one, n) => ({
      offset: from + BigInt(n),
      key: partitionKey(one.project, one.customer),
      value: Buffer.from(JSON.stringify(one)),
      headers: {},
      appendedAt: Date.now(),
      ...more,
    }));
    return {
      topic: TOPICS.quotaAsks.name,
      partition,
      identity: IDENTITY,
      from,
      entries,
      next,
      highWatermark: next,
      heartbeat: async () => undefined,
      isRevoked: () => false,
    };
  }

  /** What is told of a batch that holds these messages. */
  async said(fold: AsksFold, ...said: QuotaAsk[]): Promise<QuotaGrant[]> {
    const before = this.told.length;
    await fold.fold(this.batch(said));
    return this.told.slice(before);
  }

  counters(project: string): Promise<Record<string, string>[]> {
    return this.dataSource.query(
      `SELECT name, used, leased, amount, extra, hard FROM entitlement.counter
       WHERE project = $1 ORDER BY name, window_start`,
      [project],
    );
  }

  leases(project: string): Promise<Record<string, unknown>[]> {
    return this.dataSource.query('SELECT * FROM entitlement.lease WHERE project = $1 ORDER BY id', [
      project,
    ]);
  }
}
