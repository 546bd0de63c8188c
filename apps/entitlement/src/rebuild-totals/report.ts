import type { DifferingRow } from '../storage/totals/rebuild-tables';
import type { Rebuilt } from './rebuild-totals';

/** One line for programs; offsets are decimal strings. */
export function asJson({ entries, rows, differing, first, upTo, counters }: Rebuilt): string {
  const offsets = [...upTo].sort(([a], [b]) => a - b).map(([p, next]) => [p, String(next)]);
  return JSON.stringify({
    rebuilt: 'totals',
    equal: differing === 0 && counters.differing === 0,
    entries,
    rows,
    upTo: Object.fromEntries(offsets),
    differing,
    differences: first,
    counters: {
      compared: counters.compared,
      differing: counters.differing,
      differences: counters.first,
    },
  });
}

export function asText({ entries, rows, differing, first, counters }: Rebuilt): string {
  const folded = `Folded ${entries} entries into ${rows} rows; they are in place.\n`;
  return folded + rowsText({ differing, first }) + countersText(counters);
}

function rowsText({ differing, first }: Pick<Rebuilt, 'differing' | 'first'>): string {
  if (differing === 0) return 'They equal the rows they replace.\n';
  return `${differing} rows differed:\n${first.map(line).join('')}${more(differing, first)}`;
}

function countersText({ compared, differing, first }: Rebuilt['counters']): string {
  if (differing === 0) return `${compared} counters equal them.\n`;
  const lines = first.map(({ project, customer, name, windowStart, live, rebuilt }) => {
    const from = new Date(Number(windowStart)).toISOString();
    return `  ${project} ${customer} ${name} from ${from}: used ${live} → ${rebuilt}\n`;
  });
  const said = `${differing} of ${compared} counters differed, and were mended:\n`;
  return `${said}${lines.join('')}${more(differing, first)}`;
}

function more(differing: number, first: readonly unknown[]): string {
  const rest = differing - first.length;
  return rest > 0 ? `… and ${rest} more.\n` : '';
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
