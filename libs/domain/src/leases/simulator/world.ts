import type { Chance } from './chance';
import { SimulatedGateway } from './gateway';
import type { KnownHold } from './known-hold';
import { SimulatedLog } from './log';
import { Network } from './network';
import { type GrantPlan, SimulatedPostgres } from './postgres';
import { nothingReached, type Reached } from './reached';
import type { Setting } from './setting';

const GATEWAYS = 3;
const ENTITLEMENTS = 2;
const SKEW_MS = 3_000;
const DRIFT_PER_MILLE = 3;

/** One of the processes that run transactions. Its own clock decides nothing (PROTOCOL 1). */
export interface SimulatedEntitlement {
  readonly skewMs: number;
  /** Read and not committed. */
  plans: GrantPlan[];
}

/** Everything there is, and the true time, which is Postgres'. */
export class World {
  readonly postgres: SimulatedPostgres;
  readonly log = new SimulatedLog();
  readonly network: Network;
  readonly gateways: SimulatedGateway[] = [];
  readonly entitlements: readonly SimulatedEntitlement[];
  readonly holds = new Map<string, KnownHold>();
  readonly reached = nothingReached();
  now: number;
  /** What only a step can see going wrong. */
  wrong: string | null = null;
  private lastId = 0;

  constructor(
    readonly setting: Setting,
    chance: Chance,
  ) {
    this.now = setting.startsAt;
    this.postgres = new SimulatedPostgres(setting.limits, setting.terms);
    this.network = new Network(setting.odds);
    this.entitlements = Array.from({ length: ENTITLEMENTS }, () => ({
      skewMs: chance.between(-SKEW_MS, SKEW_MS),
      plans: [],
    }));
    for (let slot = 0; slot < GATEWAYS; slot++) this.start(slot, chance);
  }

  newId(what: string): string {
    return `${what}-${(this.lastId += 1)}`;
  }

  reach(what: Reached): void {
    this.reached[what] += 1;
  }

  /** A new process in a slot; what was there is dead. */
  start(slot: number, chance: Chance): void {
    const before = this.gateways[slot];
    if (before) before.isDead = true;
    const wallMs = this.now + chance.between(-SKEW_MS, SKEW_MS);
    this.gateways[slot] = new SimulatedGateway(
      this.newId('gateway'),
      chance.between(-DRIFT_PER_MILLE, DRIFT_PER_MILLE),
      chance.happens(0.5) ? 'suspends' : 'has its clock set',
      { wallMs, aheadMs: this.setting.terms.aheadMs },
    );
  }

  slotOf(gatewayId: string): number {
    return this.gateways.findIndex(({ id }) => id === gatewayId);
  }

  anyAwake(chance: Chance): SimulatedGateway | undefined {
    return chance.of(this.gateways.filter(({ isAwake }) => isAwake));
  }

  passes(ms: number): void {
    const open = this.leasedWindows();
    this.now += ms;
    for (const gateway of this.gateways) gateway.passes(ms);
    this.log.passes(ms);
    for (let ended = open - this.leasedWindows(); ended > 0; ended--) {
      this.reach('window change with a lease out');
    }
  }

  /** Counters with a lease out whose window is not over. */
  private leasedWindows(): number {
    const seen = new Set<string>();
    for (const { counter } of this.postgres.open.values()) {
      if ((this.postgres.counters.get(counter)?.window.to ?? 0) > this.now) seen.add(counter);
    }
    return seen.size;
  }
}
