import type { DifferingRow } from '../storage/totals/rebuild-tables';
import type { Rebuilt } from './rebuild-totals';

/** One line for programs; offsets are decimal strings. */
export function asJson({ entries, rows, differing, first, upTo }: Rebuilt): string {
  const offsets = [...upTo].sort(([a], [b]) => a - b).map(([p, next]) => [p, String(next)]);
  return JSON.stringify({
    rebuilt: 'totals',
    equal: differing === 0,
    entries,
    rows,
    upTo: Object.fromEntries(offsets),
    differing,
    differences: first,
  });
}

export function asText({ entries, rows, differing, first }: Rebuilt): string {
  const folded = `Folded ${entries} entries into ${rows} rows; they are in place.\n`;
  if (differing === 0) return `${folded}They equal the rows they replace.\n`;
  const rest = differing - first.length;
  const more = rest > 0 ? `… and ${rest} more.\n` : '';
  return `${folded}${differing} rows differed:\n${first.map(line).join('')}${more}`;
}

function line({ key, live, rebuilt }: DifferingRow): string {
  const { project, customer, quarter, ...labels } = key;
  const named = Object.entries(labels).filter(([, value]) => value !== '');
  const row = [
    project,
    customer,
    new Date(Number(quarter)).toISOString(),
    ...named.map(([label, value]) => `${label}=${value}`),
  ].join(' ');
  if (!live) return `  ${row}: was missing\n`;
  if (!rebuilt) return `  ${row}: the log has no such usage\n`;
  const sums = Object.keys(rebuilt).filter((sum) => live[sum] !== rebuilt[sum]);
  return `  ${row}: ${sums.map((sum) => `${sum} ${live[sum]} → ${rebuilt[sum]}`).join(', ')}\n`;
}
