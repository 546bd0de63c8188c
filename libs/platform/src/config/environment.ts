import { z } from 'zod';

/** Thrown once, at start, when the environment can't be used; names every fault at once. */
export class EnvironmentFault extends Error {
  override readonly name = 'EnvironmentFault';

  constructor(readonly faults: readonly string[]) {
    super(
      `The environment has ${faults.length} fault(s):\n${faults.map((f) => `  ${f}`).join('\n')}`,
    );
  }
}

type Source = Readonly<Record<string, string | undefined>>;

/**
 * Reads the environment through `schema`, whose keys are the variables' names.
 * An empty variable counts as unset, as compose files and charts pass what they don't know that
 * way.
 *
 * A fault is told with the variable's name and its schema's `describe()` text (what to do about
 * it), never with its value: the variable may be a password, and this text ends in a log.
 */
export function readEnvironment<S extends z.ZodObject>(schema: S, source: Source): z.output<S> {
  const given: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = source[name];
    if (value !== undefined && value.trim() !== '') given[name] = value.trim();
  }
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  throw new EnvironmentFault(faultsOf(schema, given, read.error.issues));
}

function faultsOf(
  schema: z.ZodObject,
  given: Record<string, string>,
  issues: readonly z.core.$ZodIssue[],
): string[] {
  const faults = new Set<string>();
  for (const issue of issues) {
    const name = String(issue.path[0] ?? 'the environment');
    const field = schema.shape[name] as z.ZodType | undefined;
    const what = issue.path.length === 0 || name in given ? 'is not usable' : 'is missing';
    const remedy = remedyOf(field) ?? 'see the README for what it takes';
    faults.add(`${name} ${what}: ${remedy}`);
  }
  return [...faults];
}

/** The description of the field, or of what its `optional()` and `default()` stand around. */
function remedyOf(field: z.ZodType | undefined): string | undefined {
  if (field === undefined) return undefined;
  const inner = (field as unknown as { def: { innerType?: z.ZodType } }).def.innerType;
  return field.description ?? remedyOf(inner);
}
