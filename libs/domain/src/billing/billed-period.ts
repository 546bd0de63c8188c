import type { Span } from '../calendar';
import { tierAt, type Assignment } from '../tiers/assignments';
import type { ComputedWindow } from '../windows/limit-window';

/** What usage may be closed by. */
export type BilledWindow = Extract<ComputedWindow, 'hour' | 'day' | 'month' | 'billingPeriod'>;

/**
 * The period of a customer that an instant (epoch ms) is billed in, given the window of the
 * project's setting that holds it. What is closed stays as it was: after a change of zone, anchor
 * or setting a period takes only what no closed one has, so that every instant lies in exactly one
 * (I7, I8).
 */
export function billedPeriod(instant: number, window: Span, closed: readonly Span[]): Span {
  let { from, to } = window;
  for (const one of closed) {
    if (one.from <= instant && instant < one.to) return { from: one.from, to: one.to };
    if (one.to <= instant) from = Math.max(from, one.to);
    else to = Math.min(to, one.from);
  }
  return { from, to };
}

/** True once the log has passed the period's end and its grace; all in epoch ms. */
export function isOver({ to }: Span, graceMs: number, passed: number): boolean {
  return to + graceMs <= passed;
}

/** The part of a period in which one tier was in force. */
export interface TierSpan<T extends Assignment> {
  readonly tier: T;
  readonly span: Span;
}

/** Cuts a period where the customer's tier changed, given the timeline of its tiers. */
export function tierSpans<T extends Assignment>(
  period: Span,
  timeline: readonly T[],
): TierSpan<T>[] {
  const cuts = timeline.map(({ from }) => from).filter((at) => at > period.from && at < period.to);
  const starts = [period.from, ...new Set(cuts)].sort((a, b) => a - b);
  return starts.map((from, n) => ({
    tier: tierAt(timeline, from),
    span: { from, to: starts[n + 1] ?? period.to },
  }));
}
