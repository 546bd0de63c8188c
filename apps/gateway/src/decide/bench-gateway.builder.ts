import {
  type DecisionAnswer,
  type DecisionRequest,
  type QuotaAsk,
  type QuotaGrant,
  quotaGrant,
} from '@tallyward/contracts';
import { type Amounts, type Ask, type HoldToken, type Limit } from '@tallyward/domain';
import { type Log, Problem, type ServiceLogger } from '@tallyward/platform';
import type { EntitlementInMemory } from '@tallyward/testing';
import { ProjectSnapshots, type KnownProject } from '../access/project-snapshots';
import { Snapshots } from '../access/snapshots';
import { GatewayEvents } from '../events';
import { HoldKeeper } from '../holds/hold-keeper';
import { HoldTokens } from '../holds/hold-tokens';
import { UsageTrail } from '../holds/usage-trail';
import { GatewayProcess } from '../leases/gateway-process';
import { LEASE_LIMITS, SWEEPS_PER_REPEAT } from '../leases/lease-limits';
import { Leases } from '../leases/leases';
import { Answers } from './answers';
import { Decide } from './decide.service';
import { DecisionLog } from './decision-log';

const PROJECT = 'demo';
const TIER = { name: 'Bench', version: 1 };
const silent = { debug() {}, info() {}, warn() {}, error() {} } as unknown as ServiceLogger;

/** Takes what is appended, and keeps none of it. */
const FORGETFUL = {
  appender: () => ({
    append: (_topic: string, entries: readonly unknown[]) =>
      Promise.resolve(entries.map(() => ({ kind: 'acked' }))),
  }),
} as unknown as Log;

type Asked = Extract<QuotaAsk, { type: 'lease.asked' }>;

/**
 * The gateway's own decisions, leases and holds, without HTTP and without a log: asks go to an
 * entitlement in memory, which answers in the same turn or after `delayMs`.
 */
export class BenchGateway {
  readonly leases: Leases;
  private readonly decisions: Decide;
  private readonly tokens = new HoldTokens('the secret of a bench');
  private readonly keeper: HoldKeeper;
  private readonly snapshots = new Snapshots(new ProjectSnapshots());
  private readonly project: KnownProject;
  private sweeps = 0;
  /** Of the log: the fold is always at its end. */
  private places = 0;

  constructor(
    limits: readonly Limit[],
    private readonly entitlement: EntitlementInMemory,
    private readonly delayMs: number,
  ) {
    const groups = [...new Set(limits.map(({ modelGroup }) => modelGroup))];
    this.project = projectWith(groups);
    this.know(`t:${PROJECT}:${TIER.name}:${TIER.version}`, {
      project: PROJECT,
      ...TIER,
      revision: 1,
      limits,
    });
    const { customers } = this.snapshots;
    const process = new GatewayProcess('gateway-1');
    this.leases = new Leases(process, customers, (sent) => this.send(sent), LEASE_LIMITS);
    this.keeper = new HoldKeeper(this.leases, new UsageTrail('http://127.0.0.1:1', 'not asked'));
    const events = new GatewayEvents(silent);
    const log = new DecisionLog(FORGETFUL, events);
    const answers = new Answers({ leases: this.leases, tokens: this.tokens, log, events });
    this.decisions = new Decide({
      leases: this.leases,
      snapshots: this.snapshots,
      answers,
      snapshotsSilentMs: () => 0,
    });
  }

  /** This customer's snapshot was read. */
  knows(customer: string): void {
    this.snapshots.customers.keep({
      project: PROJECT,
      customer,
      version: 1,
      timeZone: null,
      billingAnchor: 0,
      disabled: false,
      tiers: [{ ...TIER, from: 0 }],
    });
  }

  async decide(request: DecisionRequest): Promise<DecisionAnswer> {
    const answer = await this.decisions.decide(request, this.project);
    if (answer instanceof Problem) throw new Error(`a decision: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** The log acked what a call used; answers the hold. */
  settle(holdId: string, amounts: Amounts): HoldToken {
    const token = this.tokens.read(holdId, PROJECT);
    if (!token) throw new Error('a hold that this gateway did not sign');
    const { modelGroup, customer, labels } = token;
    this.keeper.settling(token);
    const scopes = { customer, ...labels };
    this.keeper.appended(
      token,
      { kind: 'acked', place: this.places++ },
      { modelGroup, demand: amounts, scopes },
    );
    return token;
  }

  /** As often as the gateway does it. */
  sweep(): void {
    this.sweeps += 1;
    this.leases.sweep(this.leases.process.clocks(), this.sweeps % SWEEPS_PER_REPEAT === 0);
  }

  private know(key: string, snapshot: object): void {
    const outcome = this.snapshots.take(key, Buffer.from(JSON.stringify(snapshot)));
    if (outcome !== 'taken') throw new Error(`${key} is ${outcome}`);
  }

  private send(messages: readonly QuotaAsk[]): Promise<readonly boolean[]> {
    for (const message of messages) {
      if (message.type === 'lease.returned') this.entitlement.returned(message.leases);
      if (message.type !== 'lease.asked') continue;
      if (this.delayMs === 0) queueMicrotask(() => this.leases.take(this.answer(message)));
      else setTimeout(() => this.leases.take(this.answer(message)), this.delayMs);
    }
    return Promise.resolve(messages.map(() => true));
  }

  private answer({ ask: id, gateway, wants, longestMs, opensAt }: Asked): QuotaGrant {
    const at = Date.now();
    const ask: Ask = { id, gateway, wants, longestMs, opensAt };
    const answer = this.entitlement.answer(ask, at);
    const counters = wants.map(({ limit }) => this.entitlement.state(limit, opensAt ?? at));
    const told = { gateway, ask: id, at, foldedTo: this.places, counters, customer: null };
    const grant: QuotaGrant =
      answer.kind === 'granted'
        ? { type: 'lease.granted', ...told, leases: [...answer.leases] }
        : { type: 'lease.refused', ...told, shortages: [...answer.shortages] };
    // As the gateway reads it: what is kept of it is its own.
    return quotaGrant.parse(JSON.parse(JSON.stringify(grant)));
  }
}

function projectWith(groups: readonly string[]): KnownProject {
  return {
    project: PROJECT,
    version: 1,
    timeZone: 'UTC',
    latenessMs: 0,
    models: new Map(groups.map((group) => [group, group])),
    groups: new Map(groups.map((group) => [group, group])),
    defaultTier: TIER,
    failOpen: false,
    unknownModels: 'block',
    keys: [],
  };
}
