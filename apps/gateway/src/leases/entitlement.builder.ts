import {
  type CustomerSnapshot,
  limitOf,
  quotaAsk,
  type QuotaAsk,
  type QuotaGrant,
  quotaGrant,
  type TierLimit,
  type TierReference,
  TOPICS,
} from '@tallyward/contracts';
import {
  deadlinesOf,
  decideGrant,
  drawnAt,
  LEASE_TERMS,
  type LeaseReturn,
  type Limit,
  returnLease,
  type Lease,
} from '@tallyward/domain';
import type { Entry } from '@tallyward/platform';
import type { FakeLog } from '../fake-log.builder';
import { type Counter, FakeCounters, found } from './fake-counters.builder';

type Asked = Extract<QuotaAsk, { type: 'lease.asked' }>;
type Refused = Extract<QuotaGrant, { type: 'lease.refused' }>;
type Granted = Extract<QuotaGrant, { type: 'lease.granted' }>['leases'];

const PROJECT = 'demo';

/** Entitlement in memory, behind the two topics: its rules are the domain's. */
export class FakeEntitlement {
  /** All that gateways sent, in its order. */
  readonly sent: QuotaAsk[] = [];
  /** Asks are read and left unanswered. */
  isAway = false;
  readonly counters = new FakeCounters();
  readonly leases = new Map<string, Lease>();
  readonly customers = new Map<string, CustomerSnapshot>();
  private readonly tiers = new Map<string, readonly Limit[]>();
  private readonly answers = new Map<string, QuotaGrant>();
  private lastLease = 0;

  constructor(
    private readonly log: FakeLog,
    private readonly defaultTier: TierReference,
  ) {
    log.onWritten = (topic, entries) => this.read(topic, entries);
  }

  get asks(): Asked[] {
    return this.sent.filter((message) => message.type === 'lease.asked');
  }

  tier({ name, version }: TierReference, limits: readonly TierLimit[]): void {
    this.tiers.set(`${name}@${version}`, limits.map(limitOf));
    const snapshot = { project: PROJECT, name, version, revision: 1, limits };
    this.log.snapshot(`t:${PROJECT}:${name}:${version}`, snapshot);
  }

  /** Makes or changes a customer, and tells all gateways. */
  customer(customer: string, tier: TierReference, more: Partial<CustomerSnapshot> = {}): void {
    const made = this.makeCustomer(customer, tier, more);
    this.log.snapshot(`c:${PROJECT}:${customer}`, made);
  }

  /** The counter of a limit now. */
  counter(customer: string, limit: TierLimit, scopeValue = customer): Counter {
    return this.counters.at(customer, limitOf(limit), scopeValue, Date.now());
  }

  /** Tells a gateway process something. */
  tell(grant: QuotaGrant): void {
    this.log.put(TOPICS.quotaGrants.name, grant.gateway, quotaGrant.parse(grant));
  }

  /** The answer to an ask that was given, again. */
  answerTo({ ask }: Asked): QuotaGrant {
    const found = this.answers.get(ask);
    if (!found) throw new Error(`${ask} was not answered`);
    return found;
  }

  private read(topic: string, entries: readonly Entry[]): void {
    if (topic !== TOPICS.quotaAsks.name) return;
    for (const { value } of entries) {
      const message = quotaAsk.parse(JSON.parse(String(value)));
      this.sent.push(message);
      if (message.type === 'lease.returned') this.returned(message.leases);
      if (message.type !== 'lease.asked' || this.isAway) continue;
      const answer = this.answers.get(message.ask) ?? this.answer(message);
      this.answers.set(message.ask, answer);
      this.tell(answer);
      if (!message.looks && answer.type === 'lease.refused') this.recall(message, answer);
    }
  }

  /** Of limits that only leases are in the way of, with the answer itself. */
  private recall({ customer, gateway }: Asked, { shortages }: Refused): void {
    for (const { limit, reason } of shortages) {
      if (reason !== 'held') continue;
      const leases = [...this.leases.values()].filter(
        ({ counter, open }) => open && counter.startsWith(`${customer} ${limit} `),
      );
      if (leases.length === 0) continue;
      this.tell({ type: 'lease.recalled', gateway, leases: leases.map(({ id }) => id) });
    }
  }

  private answer(asked: Asked): QuotaGrant {
    const { ask, gateway, customer: name, looks, customerVersion } = asked;
    const known = this.customers.get(name);
    const customer = known ?? this.newcomer(name, looks);
    const limits = this.limitsOf(customer);
    const at = Date.now();
    const from = drawnAt(
      { opensAt: asked.opensAt } as Parameters<typeof drawnAt>[0],
      at,
      LEASE_TERMS,
    );
    const names = [...asked.wants.map(({ limit }) => limit), ...asked.watches];
    // As the counters are once the leases are out.
    const told = () => ({
      gateway,
      ask,
      at,
      foldedTo: 0,
      counters: names.flatMap((limit) => this.counters.stateOf(name, limits, limit, from, gateway)),
      customer: customer.version > customerVersion ? customer : null,
    });
    const strangers = asked.wants.filter(({ limit }) => !found(limits, limit));
    if (strangers.length > 0) {
      const none = { used: 0, leased: 0, amount: 0, resetAt: 0 };
      const shortages = strangers.map(({ limit, need }) => {
        return { limit, need, reason: 'not-a-limit' as const, ...none };
      });
      return { type: 'lease.refused', ...told(), shortages };
    }
    const counters = asked.wants.map(({ limit }) =>
      this.counters.lineOf(name, limits, limit, from),
    );
    const decision = decideGrant({ ...asked, id: ask }, counters, LEASE_TERMS);
    if (decision.kind === 'refused') {
      return { type: 'lease.refused', ...told(), shortages: [...decision.shortages] };
    }
    const leases: Granted = looks
      ? []
      : counters.map((counter, index) => {
          const amount = decision.slices[index] as number;
          const length = decision.lengthsMs[index] as number;
          return this.lend(asked, counter, amount, { at, from, length });
        });
    return { type: 'lease.granted', ...told(), leases };
  }

  private lend(
    asked: Asked,
    counter: Counter,
    amount: number,
    { at, from, length }: { at: number; from: number; length: number },
  ): Granted[number] {
    counter.leased += amount;
    const id = String((this.lastLease += 1));
    const deadlines = deadlinesOf({ ...asked, id: asked.ask }, from, length, counter.window);
    const { limit, window } = counter;
    const common = { id, counter: counter.id, issuedAt: at, ...deadlines };
    this.leases.set(id, {
      ...common,
      gateway: asked.gateway,
      granted: amount,
      returned: 0,
      settled: 0,
      open: true,
    });
    return { ...common, limit, amount, window };
  }

  private returned(returns: readonly LeaseReturn[]): void {
    for (const { lease: id, total } of returns) {
      const lease = this.leases.get(id);
      if (!lease) throw new Error(`${id} is no lease`);
      const change = returnLease(lease, total);
      this.leases.set(id, change.lease);
      const counter = this.counters.byId(lease.counter);
      counter.leased -= change.freed;
    }
  }

  private newcomer(customer: string, looks: boolean): CustomerSnapshot {
    if (!looks) return this.makeCustomer(customer, this.defaultTier);
    return this.snapshotOf(customer, this.defaultTier, {});
  }

  /** Makes or changes a customer without telling anybody. */
  makeCustomer(
    customer: string,
    tier: TierReference,
    more: Partial<CustomerSnapshot> = {},
  ): CustomerSnapshot {
    const made = this.snapshotOf(customer, tier, more);
    this.customers.set(customer, made);
    return made;
  }

  private snapshotOf(
    customer: string,
    tier: TierReference,
    more: Partial<CustomerSnapshot>,
  ): CustomerSnapshot {
    const version = (this.customers.get(customer)?.version ?? 0) + 1;
    const plain = { timeZone: null, billingAnchor: 0, disabled: false };
    return {
      project: PROJECT,
      customer,
      version,
      ...plain,
      tiers: [{ ...tier, from: 0 }],
      ...more,
    };
  }

  private limitsOf({ tiers }: CustomerSnapshot): readonly Limit[] {
    const { name, version } = tiers[tiers.length - 1] as TierReference;
    return this.tiers.get(`${name}@${version}`) ?? [];
  }
}
