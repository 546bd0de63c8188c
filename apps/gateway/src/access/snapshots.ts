import { CustomerSnapshots } from './customer-snapshots';
import { ProjectSnapshots } from './project-snapshots';
import { TierSnapshots } from './tier-snapshots';

export type TakenOutcome = 'taken' | 'older' | 'unreadable' | 'unknown-kind';

/**
 * All that a gateway knows from the snapshot topic. A change is published with the project last, so
 * whoever has waited for the project's version finds its tiers and customers here too.
 */
export class Snapshots {
  constructor(
    readonly projects: ProjectSnapshots,
    readonly tiers: TierSnapshots = new TierSnapshots(),
    readonly customers: CustomerSnapshots = new CustomerSnapshots(),
  ) {}

  /** Takes one entry of the topic, of whichever kind. */
  take(key: string | null, value: Uint8Array | null): TakenOutcome {
    const project = this.projects.take(key, value);
    if (project !== 'not-a-project') return project;
    const tier = this.tiers.take(key, value);
    if (tier !== 'not-a-tier') return tier;
    const customer = this.customers.take(key, value);
    return customer === 'not-a-customer' ? 'unknown-kind' : customer;
  }
}
