// What a run says.
const TENTHS = 100;

export const secondsSince = (from) => Math.round((Date.now() - from) / TENTHS) / 10;

/** Columns as wide as their widest cell, two spaces between. */
function table(head, rows) {
  const texts = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, i) => Math.max(...texts.map((row) => row[i].length)));
  return texts
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const fileOf = (path) => path.split('/').at(-1).replace(/\.ts$/, '');

export function resultTable(results) {
  const head = ['guard', 'keeps', 'test', 'with it', 'without it', 'seconds'];
  const rows = results.map(({ guard, kind, seconds }) => {
    const { name, keeps, test } = guard;
    return [name, keeps, `${fileOf(test.path)}: ${test.name}`, 'green', kind, seconds];
  });
  const missed = results.filter(({ isMissed }) => isMissed).length;
  return `${table(head, rows)}\n\n${missed} of ${results.length} guards are missed when they are out`;
}

export function controlTable(faulty) {
  const lines = faulty.map(({ guard, verdict }) => {
    return `${guard.test.path}: ${guard.test.name}: ${verdict.kind}\n${verdict.why}`;
  });
  return `With every guard in, these are not green, so they prove nothing:\n${lines.join('\n')}`;
}
