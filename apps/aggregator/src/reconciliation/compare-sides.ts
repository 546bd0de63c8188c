import type { Drift, ReconciledPeriod, ReconciledSide } from '@tallyward/contracts';
import { amountsRecord, proofHex, UNITS } from '@tallyward/domain';
import type { SideProof } from '../close-periods/closing';
import { agree, type Proven } from '../close-periods/prove-periods';
import type { Told } from '../storage/postgres/billing/reconciled-periods';

/**
 * A period as people read it: the four sides beside each other, whether they agree, and how far
 * they are apart. `upTo`: the offset that log, totals and warehouse were asked as of.
 */
export function comparedPeriod(proven: Proven, told: Told, upTo: bigint): ReconciledPeriod {
  const { period, log, totals, warehouse } = proven;
  const { closed, held } = told;
  const { from, to } = period.period;
  const span = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const unbilled = !isToldWhole(proven, told, upTo);
  const compared = closed !== null && !unbilled ? [totals, warehouse, closed] : [totals, warehouse];
  return {
    customer: period.customer,
    period: { ...span, timeZone: period.timeZone },
    state: held ? 'held-back' : closed ? 'closed' : 'open',
    log: sideOf(log),
    totals: sideOf(totals),
    warehouse: sideOf(warehouse),
    billed: closed && sideOf(closed, closed.events),
    unbilled,
    equal: agree(proven) && (closed === null || unbilled || isBilled(closed, log)),
    drift: driftOf(log, compared),
    revision: closed?.revision ?? null,
    asOf: { partition: period.partition, offset: upTo.toString() },
    reason: held?.reason ?? null,
    differences: held?.differences ?? [],
  };
}

/**
 * Whether all that the log side says must have been told. Usage may be told later where its
 * customer is marked for that; where the closer, or the log, has gone on since the sides were
 * asked, nothing can be said of what was told.
 */
function isToldWhole({ log }: Proven, { closed, held, last, marked }: Told, upTo: bigint): boolean {
  if (closed === null || held !== null) return false;
  if (last !== log.last || last >= upTo) return false;
  return last < closed.asOf || !marked;
}

/** True where the records' deltas come to what the log says, of the events that it proves. */
function isBilled(closed: NonNullable<Told['closed']>, log: SideProof): boolean {
  const sums = UNITS.every((unit) => closed.amounts[unit] === log.amounts[unit]);
  return sums && closed.events === log.amounts.calls && closed.proof === log.proof;
}

function driftOf(log: SideProof, others: readonly SideProof[]): Drift {
  return amountsRecord((unit) =>
    Math.max(...others.map(({ amounts }) => Math.abs(amounts[unit] - log.amounts[unit]))),
  );
}

function sideOf({ amounts, proof }: SideProof, events = amounts.calls): ReconciledSide {
  return { events, ...amounts, proof: proofHex(proof) };
}
