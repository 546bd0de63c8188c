import { proofHex } from '@tallyward/domain';
import type { SideSums } from './audit';
import type { Outcome, Reconciliation } from './reconcile';
import type { ReportedDifference } from './reported';

/** The outcome as the contract's JSON. */
export function asJson(outcome: Outcome): string {
  if (outcome.kind === 'behind') {
    return JSON.stringify({ equal: false, behind: outcome.detail, differences: [] });
  }
  const { equal, upTo, differences, unlisted } = outcome;
  const offsets = [...upTo].sort(([a], [b]) => a - b);
  return JSON.stringify({
    equal,
    upTo: Object.fromEntries(offsets.map(([partition, offset]) => [partition, Number(offset)])),
    log: sideJson(outcome.log),
    totals: sideJson(outcome.totals),
    warehouse: sideJson(outcome.warehouse),
    proofs: { ...sideJson(outcome.proofs), later: outcome.proofs.later },
    billing: billingJson(outcome.billing),
    differences,
    unlisted,
  });
}

/** What was billed, in the words of the other sides, beside the log's sums of the same periods. */
function billingJson({ billed, log, periods, unbilled }: Reconciliation['billing']) {
  return { ...sideJson(billed), periods, unbilled, log: sideJson(log) };
}

function sideJson({ amounts, proof }: SideSums): Record<string, unknown> {
  return { events: amounts.calls, ...amounts, proof: proofHex(proof) };
}

/** The outcome for people. */
export function asText(outcome: Outcome): string {
  if (outcome.kind === 'behind') {
    const advice = 'Look at /readyz of both services, then reconcile again.';
    return `NOT COMPARED  ${outcome.detail}\n${advice}\n`;
  }
  const lines = [...table(outcome), '', ...outcome.differences.map(differenceLine)];
  if (outcome.unlisted > 0) lines.push(`… and ${outcome.unlisted} more`);
  lines.push(
    outcome.equal
      ? `EQUAL  log, totals, warehouse${billed(outcome)} agree to the last unit.`
      : `NOT EQUAL  ${outcome.differences.length + outcome.unlisted} differences.`,
  );
  return `${lines.join('\n')}\n`;
}

function billed({ billing }: Reconciliation): string {
  if (billing.periods === 0) return ' and proofs';
  return `, proofs and what was billed of ${billing.periods} closed periods`;
}

const COLUMNS = ['events', 'input tokens', 'output tokens', 'proof'] as const;

function table(outcome: Reconciliation): string[] {
  const { billing } = outcome;
  const named: readonly (readonly [string, SideSums])[] = [
    ...(['log', 'totals', 'warehouse', 'proofs'] as const).map((s) => [s, outcome[s]] as const),
    ['of closed periods, log', billing.log],
    ['of closed periods, billed', billing.billed],
  ];
  const sides = named.map(([side, { amounts, proof }]) => {
    const figures = [amounts.calls, amounts.inputTokens, amounts.outputTokens];
    const cells = figures.map((figure) => figure.toLocaleString('en-US'));
    return [side, ...cells, proofHex(proof)];
  });
  const rows = [['', ...COLUMNS], ...sides];
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  return rows.map((row) => row.map((cell, i) => pad(cell, widths[i] ?? 0, i > 0)).join('  '));
}

function pad(cell: string, width: number, right: boolean): string {
  return right ? cell.padStart(width) : cell.padEnd(width);
}

function differenceLine(difference: ReportedDifference): string {
  const { kind, side, project, customer, eventId, row, partition, offset, detail } = difference;
  const place = partition === undefined ? '' : ` at ${partition}@${offset}`;
  const what = eventId === undefined ? `row ${row}` : `event ${eventId}${place}`;
  return `${kind.toUpperCase()} in ${side}: ${project} ${customer} ${what} (${detail})`;
}
