import type { Provider } from '@nestjs/common';
import { Snapshots } from '../access/snapshots';
import { GatewayEvents } from '../events';
import { Leases } from '../leases/leases';
import { KeepUsage } from '../record-usage/keep-usage';
import { HoldKeeper } from './hold-keeper';
import { HoldTokens } from './hold-tokens';
import { Holds } from './holds.service';

/** What settles and releases. From elsewhere: HoldTokens, the leases, and what keeps usage. */
export const HOLD_PROVIDERS: Provider[] = [
  {
    provide: Holds,
    useFactory: (
      tokens: HoldTokens,
      leases: Leases,
      { tiers }: Snapshots,
      usage: KeepUsage,
      events: GatewayEvents,
    ) => new Holds({ tokens, keeper: new HoldKeeper(leases), tiers, usage, events }),
    inject: [HoldTokens, Leases, Snapshots, KeepUsage, GatewayEvents],
  },
];
