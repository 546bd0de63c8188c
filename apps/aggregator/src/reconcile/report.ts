import { proofHex, type Difference } from '@tallyward/domain';
import type { SideSums } from './audit';
import type { Outcome, Reconciliation } from './reconcile';

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
    billing: null,
    differences,
    unlisted,
  });
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
      ? 'EQUAL  log, totals and warehouse agree to the last unit.'
      : `NOT EQUAL  ${outcome.differences.length + outcome.unlisted} differences.`,
  );
  return `${lines.join('\n')}\n`;
}

const COLUMNS = ['events', 'input tokens', 'output tokens', 'proof'] as const;

function table(outcome: Reconciliation): string[] {
  const sides = (['log', 'totals', 'warehouse'] as const).map((side) => {
    const { amounts, proof } = outcome[side];
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

function differenceLine(difference: Difference): string {
  const { kind, side, project, customer, eventId, row, partition, offset, detail } = difference;
  const place = partition === undefined ? '' : ` at ${partition}@${offset}`;
  const what = eventId === undefined ? `row ${row}` : `event ${eventId}${place}`;
  return `${kind.toUpperCase()} in ${side}: ${project} ${customer} ${what} (${detail})`;
}
