import { DEFAULT_SETTINGS } from '@tallyward/contracts';
import { partitionKey, type Span } from '@tallyward/domain';
import { periodOf, Windows } from '../close-periods/find-due';
import type { Proving } from '../close-periods/prove-periods';
import { homeOf } from '../load-warehouse/loaded-log';
import { firstOutside, warehouseCustomers } from '../storage/clickhouse/stray-usage';
import {
  frameOf,
  type ClosingSettings,
  type Subscriber,
} from '../storage/postgres/audited-subscriptions';
import { customerText } from '../storage/postgres/billing/billing-keys';
import {
  firstUntaken,
  knownCustomers,
  takenPeriods,
  type PeriodPlace,
  type Stretch,
  type TakenPeriod,
} from '../storage/postgres/billing/reconciled-periods';
import type { Look } from './look';

/** Customers whose periods are looked for at a time. */
const CUSTOMERS_AT_A_TIME = 100;
/** Times of it for one page: then the page ends, with what it has and where to go on. */
const MOST_TURNS = 20;
/** Of one customer: before all its periods, and after them. */
const FIRST = -1;
const LAST = Number.MAX_SAFE_INTEGER;
/** A customer that a store knows, and the catalogue does not: its periods are the project's. */
const STRANGER: Subscriber = {
  timeZone: null,
  billingAnchor: 0,
  tiers: [{ name: '', version: 0, from: 0 }],
};

export interface Wanted {
  readonly project: string;
  /** Null: all. */
  readonly customer: string | null;
  /** Periods that touch it, epoch ms. */
  readonly span: Span;
  readonly after: PeriodPlace | null;
  readonly most: number;
}

export interface ListedPeriods {
  readonly periods: readonly Proving[];
  /** Where the next page begins; null: nowhere. */
  readonly next: PeriodPlace | null;
}

/**
 * A project's periods, by customer and start: those closed or held back, and the open ones of
 * whatever any side has beside them, also of customers that only one side knows.
 */
export async function listPeriods(look: Look, wanted: Wanted): Promise<ListedPeriods> {
  const { most } = wanted;
  const periods: Proving[] = [];
  let after = wanted.after ?? { customer: '', from: FIRST };
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const customers = await customersFrom(look, wanted, after);
    const last = customers.at(-1);
    if (last === undefined) return { periods, next: null };
    periods.push(...(await periodsOf(look, wanted, customers, after, most + 1 - periods.length)));
    if (periods.length > most) {
      const page = periods.slice(0, most);
      return { periods: page, next: placeOf(page.at(-1)) };
    }
    after = { customer: last, from: LAST };
    if (wanted.customer !== null) return { periods, next: null };
  }
  return { periods, next: after };
}

const placeOf = (due: Proving | undefined): PeriodPlace | null =>
  due ? { customer: due.period.customer, from: due.period.period.from } : null;

/** In the order of their bytes, as both stores have them. */
const inBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

async function customersFrom(look: Look, wanted: Wanted, after: PeriodPlace): Promise<string[]> {
  if (wanted.customer !== null) return after.from === LAST ? [] : [wanted.customer];
  const most = CUSTOMERS_AT_A_TIME + 1;
  const asked = [wanted.project, after.customer, most] as const;
  const known = await Promise.all([
    knownCustomers(look.totals, ...asked),
    warehouseCustomers(look.parts.clickhouse, ...asked),
  ]);
  const isDone = (name: string): boolean => after.from === LAST && name === after.customer;
  return [...new Set(known.flat())]
    .filter((name) => !isDone(name))
    .sort(inBytes)
    .slice(0, CUSTOMERS_AT_A_TIME);
}

/** At most so many periods of these customers, the first ones after the place. */
async function periodsOf(
  look: Look,
  { project, span }: Wanted,
  customers: readonly string[],
  after: PeriodPlace,
  most: number,
): Promise<Proving[]> {
  const names = customers.map((customer) => ({ project, customer }));
  const known = await look.subscriptions.subscribers(names);
  const settings = (await look.subscriptions.settings()).get(project) ?? {
    timeZone: DEFAULT_SETTINGS.timeZone,
    closing: DEFAULT_SETTINGS.closing,
  };
  const calendar = new Calendar(project, settings, known);
  const taken = await takenPeriods(look.totals, project, customers, span, after, most);
  const stretches = cutAt(taken.length < most ? undefined : taken.at(-1), customers).map((one) =>
    calendar.whole(one, span),
  );
  const open = await openPeriods(look, calendar, stretches, taken, most);
  return [...taken.map((one) => calendar.taken(one)), ...open]
    .filter((due) => isAfter(due, after) && touches(due, span))
    .sort(inOrder)
    .slice(0, most);
}

/** Where not all taken periods were read, open ones are looked for until the last that was. */
function cutAt(last: TakenPeriod | undefined, customers: readonly string[]): Stretch[] {
  const all = customers.map((customer) => ({ customer, from: FIRST, to: LAST }));
  if (last === undefined) return all;
  return all
    .filter(({ customer }) => inBytes(customer, last.customer) <= 0)
    .map((one) => (one.customer === last.customer ? { ...one, to: last.from } : one));
}

/** Open periods of the stretches: each has something in one of the stores. */
async function openPeriods(
  look: Look,
  calendar: Calendar,
  stretches: readonly Stretch[],
  taken: readonly TakenPeriod[],
  most: number,
): Promise<Proving[]> {
  const { totals, parts } = look;
  const open: Proving[] = [];
  let left = stretches.filter(({ from, to }) => from < to);
  while (left.length > 0 && open.length < most) {
    const spans = [...taken, ...open.map(({ period }) => ({ ...period, ...period.period }))];
    const [here, there] = await Promise.all([
      firstUntaken(totals, calendar.project, left),
      firstOutside(parts.clickhouse, calendar.project, left, spans),
    ]);
    const found = left.flatMap((stretch, at) => {
      const quarters = [here.get(at), there.get(at)].filter((each) => each !== undefined);
      return quarters.length === 0 ? [] : [{ stretch, quarter: Math.min(...quarters) }];
    });
    const periods = await calendar.open(look, found);
    open.push(...periods);
    left = periods.flatMap(({ period: { period } }, at) => {
      const stretch = found[at]?.stretch;
      return stretch && period.to < stretch.to ? [{ ...stretch, from: period.to }] : [];
    });
  }
  return open;
}

interface FoundQuarter {
  readonly stretch: Stretch;
  /** Epoch ms. */
  readonly quarter: number;
}

/** How a project's customers' periods are cut. */
class Calendar {
  private readonly windows = new Windows();

  constructor(
    readonly project: string,
    private readonly settings: ClosingSettings,
    private readonly known: ReadonlyMap<string, Subscriber>,
  ) {}

  /** The stretch, kept to the windows that touch the span. */
  whole(stretch: Stretch, span: Span): Stretch {
    const frame = frameOf(this.subscriber(stretch.customer), this.settings.timeZone);
    const { every } = this.settings.closing;
    const { from } = this.windows.of(span.from, every, frame);
    const { to } = this.windows.of(span.to - 1, every, frame);
    return { ...stretch, from: Math.max(from, stretch.from), to: Math.min(to, stretch.to) };
  }

  taken({ customer, from, to, timeZone }: TakenPeriod): Proving {
    return {
      period: { ...this.whose(customer), period: { from, to }, timeZone },
      subscriber: this.subscriber(customer),
    };
  }

  /** The periods that quarters would be billed in, in their order. */
  async open({ parts }: Look, found: readonly FoundQuarter[]): Promise<Proving[]> {
    const at = found.map(({ stretch: { customer }, quarter }) => ({
      ...this.whose(customer),
      at: quarter,
      oldest: quarter,
    }));
    const [closed, held] = await Promise.all([parts.reads.closed(at), parts.reads.heldSpans(at)]);
    return at.map((one) => {
      const name = customerText(one);
      const taken = { closed: closed.get(name) ?? [], held: held.get(name) ?? [] };
      const subscriber = this.subscriber(one.customer);
      const period = periodOf(one, this.settings, subscriber, taken, this.windows);
      return { period, subscriber };
    });
  }

  private whose(customer: string) {
    const { project } = this;
    return { project, customer, partition: homeOf(partitionKey(project, customer)) };
  }

  private subscriber(customer: string): Subscriber {
    const { project } = this;
    return this.known.get(customerText({ project, customer })) ?? STRANGER;
  }
}

function isAfter({ period: { customer, period } }: Proving, after: PeriodPlace): boolean {
  const order = inBytes(customer, after.customer);
  return order > 0 || (order === 0 && period.from > after.from);
}

const touches = ({ period: { period } }: Proving, { from, to }: Span): boolean =>
  period.to > from && period.from < to;

function inOrder(a: Proving, b: Proving): number {
  const { period: one } = a;
  const { period: other } = b;
  return inBytes(one.customer, other.customer) || one.period.from - other.period.from;
}
