import { Inject, Injectable } from '@nestjs/common';
import type { ReplenishAnswer, ReplenishRequest } from '@tallyward/contracts';
import { tierAt } from '@tallyward/domain';
import { CatalogService } from '../catalog/catalog.service';
import { refused, type Refused } from '../catalog/decision';
import { EVERY_GATEWAY, HELD_CALLS, type HeldCalls } from '../entitlements/held-calls';
import { limitStateOf } from '../entitlements/limit-state';
import type { Origin, Outcome } from '../storage/catalog/project-store';
import { RefusedInside } from '../storage/catalog/store-refusals';
import {
  type CustomerPlan,
  CustomerStore,
  type InsideCustomers,
} from '../storage/customers/customer-store';
import { holderOf, presentCounters, windowOf } from '../storage/entitlements/present-counters';
import type { Raised } from '../storage/entitlements/raise-counters';
import { everyTarget, namedTargets, type Target } from './decide-replenish';
import { limitReplenished } from './replenish-facts';

/** Counters that one request raises. */
export const MOST_RAISED = 1_000;

/**
 * Gives more in the present windows of a customer's limits. The customer is one version newer by
 * it, for the sake of the gateways: each learns of that through the snapshot topic, within a second
 * and for certain, and drops what it remembers of refusals. A `limit.freed` would reach only the
 * gateways that this process has heard of, and be lost with it.
 */
@Injectable()
export class ReplenishService {
  constructor(
    private readonly store: CustomerStore,
    private readonly catalog: CatalogService,
    @Inject(HELD_CALLS) private readonly held: HeldCalls,
  ) {}

  async replenish(
    project: string,
    id: string,
    wanted: ReplenishRequest,
    origin: Origin,
  ): Promise<Outcome> {
    const outcome = await this.store.change(project, origin, Date.now(), (state, inside) =>
      this.raiseLimits(inside, project, id, state.settings.timeZone, wanted),
    );
    return this.catalog.told(project, origin, outcome);
  }

  private async raiseLimits(
    inside: InsideCustomers,
    project: string,
    id: string,
    zone: string,
    wanted: ReplenishRequest,
  ): Promise<CustomerPlan> {
    const customer = await inside.known(id);
    if (!customer) return refused('not-found', 'This project has no such customer.');
    const now = await inside.clock();
    const holder = holderOf(customer, zone);
    const limits = (await inside.tierVersion(tierAt(holder.tiers, now)))?.limits ?? [];
    const open = await inside.countersAt(id, now);
    const present = presentCounters(id, limits, holder, open, now);
    const cut = (rule: Target['rule']) => windowOf(rule, holder, now);
    const named = wanted.limits;
    const found =
      named === 'all'
        ? await everyOne(inside, id, holder.frame, limits, now).then((used) => {
            return { kind: 'targets' as const, targets: everyTarget(present, used) };
          })
        : namedTargets(id, named, limits, present, cut);
    if (found.kind === 'faults') return faulty(found.faults);
    if (found.targets.length > MOST_RAISED) return refused('invalid', TOO_MANY, '/limits');
    const targets = found.targets.map(({ limit: shown, rule: limit, ...at }) => {
      return { shown, project, customer: id, holder, limit, ...at };
    });
    const raised = await inside.raiseCounters(targets, wanted.amount, now);
    if (raised.some(({ after }) => !Number.isSafeInteger(after.amount + after.extra))) {
      throw new RefusedInside(refused('invalid', TOO_LARGE, '/amount'));
    }
    const after = { ...customer, version: customer.version + 1 };
    const facts = raised.length > 0 ? [limitReplenished(id, wanted.amount, raised)] : [];
    const body = this.answerOf(id, holder.frame.timeZone, raised);
    const changes = raised.length > 0 ? [{ after, facts, assigned: [] }] : [];
    return { kind: 'decided', changes, reply: { status: 200, body } };
  }

  private answerOf(customer: string, timeZone: string, raised: readonly Raised[]): ReplenishAnswer {
    const limits = raised.map(({ of, after }) => {
      const { shown } = of as typeof of & { shown: Target['limit'] };
      const { name: counter, used, overrun } = after;
      const { project, scopeValue, window } = of;
      const line = { limit: shown, scopeValue, window, counter, used, overrun };
      const amount = after.amount + after.extra;
      const held = this.held.elsewhere({ project, customer, name: counter }, EVERY_GATEWAY);
      return limitStateOf({ ...line, amount }, held, timeZone);
    });
    return { customer, limits };
  }
}

const TOO_LARGE = 'The limit would be larger than can be counted.';
const TOO_MANY = `More than ${MOST_RAISED} counters: name the limits, some at a time.`;

function faulty(errors: Extract<ReturnType<typeof namedTargets>, { kind: 'faults' }>['faults']) {
  const detail = 'Some of the limits can not be replenished.';
  return { kind: 'refused', refusal: { code: 'invalid', detail, errors } } satisfies Refused;
}

/** Who has used limits in the windows that totals can tell. */
function everyOne(
  inside: InsideCustomers,
  customer: string,
  frame: ReturnType<typeof holderOf>['frame'],
  limits: Parameters<InsideCustomers['used']>[1],
  at: number,
) {
  return inside.used([{ customer, frame, at }], limits);
}
