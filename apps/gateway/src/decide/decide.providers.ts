import type { Provider } from '@nestjs/common';
import { type Log, Readiness, type ServiceLogger } from '@tallyward/platform';
import { SnapshotFeed } from '../access/snapshot-feed';
import { Snapshots } from '../access/snapshots';
import { GatewayEvents } from '../events';
import { HoldTokens } from '../holds/hold-tokens';
import { GatewayProcess } from '../leases/gateway-process';
import { LEASE_LIMITS } from '../leases/lease-limits';
import { LeaseTraffic } from '../leases/lease-traffic';
import { Leases } from '../leases/leases';
import { FATAL, LOG_PORT, SERVICE_LOG } from '../resources';
import { Answers } from './answers';
import { Decide } from './decide.service';
import { DecisionLog } from './decision-log';

/**
 * What decides, and its leases. From elsewhere: the log, the lines, GatewayProcess and HoldTokens.
 */
export const DECIDE_PROVIDERS: Provider[] = [
  DecisionLog,
  {
    provide: LeaseTraffic,
    useFactory: (
      log: Log,
      lines: ServiceLogger,
      fatal: (error: Error) => void,
      snapshots: Snapshots,
      events: GatewayEvents,
      readiness: Readiness,
      process: GatewayProcess,
    ) => {
      const limits = LEASE_LIMITS;
      return new LeaseTraffic({
        log,
        lines,
        fatal,
        snapshots,
        events,
        readiness,
        process,
        limits,
      });
    },
    inject: [LOG_PORT, SERVICE_LOG, FATAL, Snapshots, GatewayEvents, Readiness, GatewayProcess],
  },
  {
    provide: Leases,
    useFactory: (traffic: LeaseTraffic) => traffic.leases,
    inject: [LeaseTraffic],
  },
  {
    provide: Answers,
    useFactory: (leases: Leases, tokens: HoldTokens, log: DecisionLog, events: GatewayEvents) =>
      new Answers({ leases, tokens, log, events }),
    inject: [Leases, HoldTokens, DecisionLog, GatewayEvents],
  },
  {
    provide: Decide,
    useFactory: (leases: Leases, snapshots: Snapshots, answers: Answers, feed: SnapshotFeed) =>
      new Decide({ leases, snapshots, answers, snapshotsSilentMs: () => feed.silentMs() }),
    inject: [Leases, Snapshots, Answers, SnapshotFeed],
  },
];
