import type { CustomerSnapshot } from '@tallyward/contracts';
import { tierAt } from '@tallyward/domain';
import type { Log, Readiness, ServiceLogger } from '@tallyward/platform';
import type { Snapshots } from '../access/snapshots';
import type { GatewayEvents } from '../events';
import type { GatewayProcess } from './gateway-process';
import { type LeaseLimits, SWEEP_EVERY_MS, SWEEPS_PER_REPEAT } from './lease-limits';
import { Leases } from './leases';
import { QuotaLink } from './quota-link';

export interface TrafficParts {
  readonly log: Log;
  readonly lines: ServiceLogger;
  readonly fatal: (error: Error) => void;
  readonly snapshots: Snapshots;
  readonly events: GatewayEvents;
  readonly readiness: Readiness;
  readonly process: GatewayProcess;
  readonly limits: LeaseLimits;
}

/** Keeps this process' leases moving: what is heard, what time brings, and the stop. */
export class LeaseTraffic {
  readonly leases: Leases;
  private readonly link: QuotaLink;
  private timer: NodeJS.Timeout | undefined;
  private sweeps = 0;

  constructor(private readonly parts: TrafficParts) {
    const { log, process, events, lines, fatal, snapshots, limits, readiness } = parts;
    this.link = new QuotaLink(log, process, events, {
      lines,
      fatal,
      take: (grant) => this.leases.take(grant),
    });
    const send = this.link.send.bind(this.link);
    this.leases = new Leases(process, snapshots.customers, send, limits);
    snapshots.customers.onKept = (kept) => this.changed(kept);
    readiness.add('grants', () => this.link.readiness());
    const { leases } = this;
    events.observeLeases(() => ({
      waitingCalls: leases.waiting.size,
      pendingAsks: leases.asks.size,
      leasesInHand: leases.leasesInHand,
      openHolds: leases.own.size,
    }));
  }

  start(): void {
    this.link.start();
    this.timer ??= setInterval(() => this.sweep(), SWEEP_EVERY_MS);
  }

  /** Before the log closes: what is not held goes back. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.parts.snapshots.customers.onKept = undefined;
    await this.leases.stop();
    await this.link.stop();
  }

  private sweep(): void {
    this.sweeps += 1;
    this.leases.sweep(this.parts.process.clocks(), this.sweeps % SWEEPS_PER_REPEAT === 0);
  }

  /**
   * A change of tier and a kill switch reach leases at once, not with the next call. Any other may
   * be a gift: an older word says nothing of the customer as it is now.
   */
  private changed({ project, customer, tiers, disabled }: CustomerSnapshot): void {
    const desk = this.leases.desks.known(project, customer);
    if (!desk) return;
    const { process } = this.parts;
    const isOther = desk.isOnOther(tierAt(tiers, process.issuerNow(process.clocks())));
    desk.forgetTold();
    if (disabled || isOther) this.leases.giveUp(desk);
    else this.leases.forgetRefusals(desk);
  }
}
