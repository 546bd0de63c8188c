export interface Change {
  readonly what: string;
  readonly before: unknown;
  readonly after: unknown;
}

const MOST_DEPTH = 3;

/** The fields that differ, by their paths; what is a list is compared whole. */
export function changesOf(before: unknown, after: unknown, path = '', depth = 0): Change[] {
  if (same(before, after)) return [];
  const names = fieldsOf(before, after);
  if (names === null || depth >= MOST_DEPTH) return [{ what: path || 'value', before, after }];
  return names.flatMap((name) =>
    changesOf(
      fieldOf(before, name),
      fieldOf(after, name),
      path === '' ? name : `${path}.${name}`,
      depth + 1,
    ),
  );
}

/** As a person reads it: nothing is a dash, what has parts is JSON. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'object') return JSON.stringify(value, null, 1);
  return String(value);
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNothing = (value: unknown): boolean => value === null || value === undefined;
const fieldOf = (of: unknown, name: string): unknown => (isFields(of) ? of[name] : undefined);

function fieldsOf(before: unknown, after: unknown): string[] | null {
  if (!isFields(before) && !isNothing(before)) return null;
  if (!isFields(after) && !isNothing(after)) return null;
  return [...new Set([before, after].flatMap((of) => (isFields(of) ? Object.keys(of) : [])))];
}

function same(one: unknown, other: unknown): boolean {
  if (isNothing(one) && isNothing(other)) return true;
  return JSON.stringify(one) === JSON.stringify(other);
}
