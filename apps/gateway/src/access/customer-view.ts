import type { CustomerSnapshot, TierReference } from '@tallyward/contracts';
import type { Snapshots } from './snapshots';
import type { KnownTier } from './tier-snapshots';

/** One customer and its tier as snapshots say, looked up anew once any snapshot has changed. */
export class CustomerView {
  private snapshot: CustomerSnapshot | undefined;
  private customersSeen = -1;
  private asked: TierReference | undefined;
  private known: KnownTier | undefined;
  private tiersSeen = -1;

  constructor(
    private readonly project: string,
    private readonly name: string,
  ) {}

  customer({ customers }: Snapshots): CustomerSnapshot | undefined {
    if (this.customersSeen !== customers.changes) {
      this.snapshot = customers.customer(this.project, this.name);
      this.customersSeen = customers.changes;
    }
    return this.snapshot;
  }

  tier(tier: TierReference, { tiers }: Snapshots): KnownTier | undefined {
    if (this.tiersSeen !== tiers.changes || this.asked !== tier) {
      this.known = tiers.tier(this.project, tier);
      this.asked = tier;
      this.tiersSeen = tiers.changes;
    }
    return this.known;
  }
}
