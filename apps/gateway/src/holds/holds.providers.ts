import type { Provider } from '@nestjs/common';
import { Snapshots } from '../access/snapshots';
import { GatewayEvents } from '../events';
import { Leases } from '../leases/leases';
import { KeepUsage } from '../record-usage/keep-usage';
import { HoldKeeper } from './hold-keeper';
import { HoldTokens } from './hold-tokens';
import { Holds } from './holds.service';
import { UsageTrail } from './usage-trail';

/** What settles and releases. From elsewhere: HoldTokens, UsageTrail, leases, what keeps usage. */
export const HOLD_PROVIDERS: Provider[] = [
  {
    provide: HoldKeeper,
    useFactory: (leases: Leases, trail: UsageTrail) => new HoldKeeper(leases, trail),
    inject: [Leases, UsageTrail],
  },
  {
    provide: Holds,
    useFactory: (
      tokens: HoldTokens,
      keeper: HoldKeeper,
      { tiers }: Snapshots,
      usage: KeepUsage,
      events: GatewayEvents,
    ) => new Holds({ tokens, keeper, tiers, usage, events }),
    inject: [HoldTokens, HoldKeeper, Snapshots, KeepUsage, GatewayEvents],
  },
];
