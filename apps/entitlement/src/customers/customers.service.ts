import { Injectable } from '@nestjs/common';
import {
  type CustomerChange,
  limitOf,
  MIGRATE_MOST,
  type Migration,
  type MigrationAnswer,
  type OverLimit,
  type TierAssignment,
  type TierReference,
} from '@tallyward/contracts';
import { tierAt, windowAmount } from '@tallyward/domain';
import { CatalogService } from '../catalog/catalog.service';
import { refused } from '../catalog/decision';
import type { ProjectState } from '../catalog/project-state';
import {
  type CustomerPlan,
  CustomerStore,
  type InsideCustomers,
} from '../storage/customers/customer-store';
import type { Origin, Outcome } from '../storage/catalog/project-store';
import type { UsedAmount } from '../storage/customers/used-amounts';
import { holderOf } from '../storage/entitlements/present-counters';
import { isKnownTier } from '../tiers/decide-tiers';
import { assignTier, beginningOf, changeCustomer } from './decide-customers';
import { customerAnswer, frameOf, type StoredCustomer, tiersOf } from './stored-customer';

const UNKNOWN_TIER = 'There is no such tier version: GET /v1/tiers shows those there are.';
/** Rows of who would be over a limit that one answer has. */
const MOST_OVER = 1_000;

/** Changes of customers: each decided under the project's lock. */
@Injectable()
export class CustomersService {
  constructor(
    private readonly store: CustomerStore,
    private readonly catalog: CatalogService,
  ) {}

  put(project: string, id: string, change: CustomerChange, origin: Origin): Promise<Outcome> {
    return this.change(project, origin, async (_state, inside, now) => {
      const before = await oneOf(inside, id);
      const changed = changeCustomer(before, change);
      const body = customerAnswer(changed?.after ?? before, now);
      return decided(changed ? [changed] : [], body);
    });
  }

  putTier(project: string, id: string, wanted: TierAssignment, origin: Origin): Promise<Outcome> {
    return this.change(project, origin, async (state, inside, now) => {
      if (!isKnownTier(state, wanted)) return refused('invalid', UNKNOWN_TIER, '/version');
      const before = await oneOf(inside, id);
      const limits = await limitsOf(inside, tierAt(tiersOf(before), now));
      const from = beginningOf(before, wanted, limits, state.settings.timeZone, now);
      const changed = assignTier(before, wanted, from, now, 'overrule');
      return decided([changed], customerAnswer(changed.after, now));
    });
  }

  /** Moves at most MIGRATE_MOST customers that have `from` now, or only looks. */
  migrate(
    project: string,
    from: TierReference,
    wanted: Migration,
    origin: Origin,
  ): Promise<Outcome> {
    const { to, dryRun } = wanted;
    return this.change(project, origin, async (state, inside, now) => {
      const source = await inside.tierVersion(from);
      if (!source) return refused('not-found', 'This project has no such tier version.');
      if (!isKnownTier(state, to)) return refused('invalid', UNKNOWN_TIER, '/to');
      if (to.name === from.name && to.version === from.version) {
        return refused('invalid', 'They have this version: name another one.', '/to');
      }
      const planned = wanted.effective === 'nextWindow' ? to : null;
      const { those, all } = await inside.having(from, MIGRATE_MOST, planned);
      const zone = state.settings.timeZone;
      const moves = those.map((customer) => {
        const begins = beginningOf(customer, wanted, source.limits, zone, now);
        return { customer, begins };
      });
      const over = wanted.carryUsage
        ? await overOf(inside, moves, zone, await limitsOf(inside, to))
        : [];
      const changes = moves.map(({ customer, begins }) =>
        assignTier(customer, { ...wanted, ...to }, begins, now, 'keep'),
      );
      const remaining = all - those.length;
      const body: MigrationAnswer = { customers: those.length, remaining, dryRun, over };
      return decided(dryRun ? [] : changes, body);
    });
  }

  private async change(
    project: string,
    origin: Origin,
    plan: (state: ProjectState, inside: InsideCustomers, now: number) => Promise<CustomerPlan>,
  ): Promise<Outcome> {
    const now = Date.now();
    const outcome = await this.store.change(project, origin, now, (state, inside) =>
      plan(state, inside, now),
    );
    return this.catalog.told(project, origin, outcome);
  }
}

function decided(
  changes: Extract<CustomerPlan, { kind: 'decided' }>['changes'],
  body: unknown,
): CustomerPlan {
  return { kind: 'decided', changes, reply: { status: 200, body } };
}

async function oneOf(inside: InsideCustomers, id: string): Promise<StoredCustomer> {
  const [customer] = await inside.seen([id]);
  if (!customer) throw new Error('A customer that was made is not there');
  return customer;
}

async function limitsOf(inside: InsideCustomers, tier: TierReference) {
  return (await inside.tierVersion(tier))?.limits ?? [];
}

/**
 * Who has used more than a limit would give, in the window in which it begins: with what came to
 * the counter, which stays. Looks at those alone that have used more than its amount.
 */
async function overOf(
  inside: InsideCustomers,
  moves: readonly { readonly customer: StoredCustomer; readonly begins: number }[],
  zone: string,
  limits: Awaited<ReturnType<typeof limitsOf>>,
): Promise<OverLimit[]> {
  const measured = moves.map(({ customer, begins }) => {
    return { customer: customer.customer, frame: frameOf(customer, zone), at: begins };
  });
  const holders = new Map(
    moves.map(({ customer }) => [customer.customer, holderOf(customer, zone)]),
  );
  const used = await inside.used(measured, limits);
  const maybe = used.flatMap((one) => {
    const rule = limitOf(one.limit);
    const holder = holders.get(one.customer);
    return holder && one.used > windowAmount(rule) ? [{ ...one, rule, holder }] : [];
  });
  const over: OverLimit[] = [];
  for (let at = 0; at < maybe.length && over.length < MOST_OVER; at += MOST_OVER) {
    const looked = maybe.slice(at, at + MOST_OVER);
    const amounts = await inside.amounts(looked);
    const those = looked.filter((one, n) => one.used > (amounts[n] as number));
    over.push(...those.map(overLimitOf));
  }
  return over.slice(0, MOST_OVER);
}

function overLimitOf({ customer, scopeValue, limit, used }: UsedAmount): OverLimit {
  const { scope, unit } = limit;
  return { customer, scope, scopeValue, unit, used, limit };
}
