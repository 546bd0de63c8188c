/** Text for people's tables, or JSON lines for programs. */
export type ExportFormat = 'csv' | 'ndjson';

/** What is exported: a SELECT whose rows come in the order they are stored in, column by column. */
export interface ExportStatement {
  readonly query: string;
  readonly params: Readonly<Record<string, string | number>>;
  /** The names of its columns, in order: the header of the CSV, the keys of the JSON lines. */
  readonly columns: readonly string[];
}

/** Written as it is named: column → expression. */
export function selected(columns: Readonly<Record<string, string>>): string {
  return Object.entries(columns)
    .map(([name, expression]) => `${expression} AS \`${name}\``)
    .join(', ');
}

/** An instant of the statement's parameters. */
export const boundInstant = (name: string): string =>
  `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;
