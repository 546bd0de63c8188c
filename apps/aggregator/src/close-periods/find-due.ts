import {
  billedPeriod,
  computedWindow,
  isOver,
  type BilledWindow,
  type Span,
  type WindowFrame,
} from '@tallyward/domain';
import { durationMs } from '@tallyward/contracts';
import {
  frameOf,
  type AuditedSubscriptions,
  type ClosingSettings,
  type Subscriber,
} from '../storage/postgres/audited-subscriptions';
import { customerText } from '../storage/postgres/billing/billing-keys';
import type { BillingReads } from '../storage/postgres/billing/billing-reads';
import type { ClosedPeriod, DuePeriod, Unbilled } from './closing';

/** Customers looked at, and closed, at a time. */
export const PAGE_CUSTOMERS = 500;
/** How long a period that was held back waits before it is looked at again. */
export const HELD_AGAIN_MS = 60_000;

/** A period that is over, and whose it is. */
export interface Due {
  readonly period: DuePeriod;
  readonly subscriber: Subscriber;
  /** When the log is to have passed it, with the grace; epoch ms. */
  readonly at: number;
}

/** Each customer's oldest period that is not told: those that are over, and all. */
export interface OpenPage {
  readonly due: readonly Due[];
  readonly all: readonly Due[];
}

/** All customers, a page at a time. `passed`: the log has passed this instant (epoch ms). */
export async function* findOpen(
  reads: BillingReads,
  subscriptions: AuditedSubscriptions,
  passed: number,
): AsyncGenerator<OpenPage> {
  const settings = await subscriptions.settings();
  const windows = new Windows();
  for (let after: Unbilled | null = null; ;) {
    const page: Unbilled[] = await reads.unbilled(after, PAGE_CUSTOMERS);
    const last = page.at(-1);
    if (last === undefined) return;
    const subscribers = await subscriptions.subscribers(page);
    const at = page.map((one) => ({ ...one, at: one.oldest }));
    const [closed, held] = [await reads.closed(at), await reads.heldSpans(at)];
    const due: Due[] = [];
    const all = page.flatMap((one): Due[] => {
      const of = settings.get(one.project);
      const subscriber = subscribers.get(customerText(one));
      if (!of || !subscriber) return [];
      const name = customerText(one);
      const taken = { closed: closed.get(name) ?? [], held: held.get(name) ?? [] };
      const period = periodOf(one, of, subscriber, taken, windows);
      const graceMs = durationMs(of.closing.grace) ?? 0;
      const found = { period, subscriber, at: period.period.to + graceMs };
      if (isOver(period.period, graceMs, passed)) due.push(found);
      return [found];
    });
    yield { due, all };
    after = last;
  }
}

/** Most customers share a calendar, and cutting one costs more than all else of a look. */
export class Windows {
  private readonly last = new Map<string, Span>();

  of(instant: number, every: BilledWindow, frame: WindowFrame): Span {
    const anchor = every === 'billingPeriod' ? frame.billingAnchor : 0;
    const key = `${every} ${frame.timeZone} ${anchor}`;
    const last = this.last.get(key);
    if (last && last.from <= instant && instant < last.to) return last;
    const window = computedWindow(instant, every, frame);
    this.last.set(key, window);
    return window;
  }
}

/** Of one customer: what no other period may touch, also while it waits to go out. */
export interface Taken {
  readonly closed: readonly ClosedPeriod[];
  readonly held: readonly Span[];
}

/** The period that a customer's quarter is billed in. */
export function periodOf(
  { project, customer, partition, oldest }: Unbilled,
  { timeZone, closing }: ClosingSettings,
  subscriber: Subscriber,
  { closed, held }: Taken,
  windows: Windows,
): DuePeriod {
  const frame = frameOf(subscriber, timeZone);
  const taken = [...closed, ...held];
  const period = billedPeriod(oldest, windows.of(oldest, closing.every, frame), taken);
  const before = closed.find(({ from }) => from === period.from);
  const zone = before?.timeZone ?? frame.timeZone;
  return { project, customer, partition, period, timeZone: zone, before };
}

/** Periods that were held back some time ago. */
export async function heldAgain(
  reads: BillingReads,
  subscriptions: AuditedSubscriptions,
  now: number,
): Promise<Due[]> {
  const held = await reads.held(now - HELD_AGAIN_MS, PAGE_CUSTOMERS);
  const subscribers = await subscriptions.subscribers(held);
  const closed = await reads.closed(held.map((one) => ({ ...one, at: one.period.from })));
  return held.flatMap((one) => {
    const subscriber = subscribers.get(customerText(one));
    const before = closed.get(customerText(one))?.find(({ from }) => from === one.period.from);
    return subscriber ? [{ period: { ...one, before }, subscriber, at: one.period.to }] : [];
  });
}
