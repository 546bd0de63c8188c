import { z } from 'zod';
import { Problem, platformProblem, type ProblemError } from './problem';

export type RequestPart = 'body' | 'query' | 'path' | 'header';

/** A parsed value, or the problem to answer with. */
export type Validated<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

/** RFC 6901: `~` and `/` inside a name are written `~0` and `~1`. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((p) => `/${String(p).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/**
 * Validates one part of a request. Faults in the body carry a JSON pointer, those in query, path
 * and headers the parameter's name; nothing repeats what the client sent.
 */
export function validate<S extends z.ZodType>(
  schema: S,
  given: unknown,
  part: RequestPart,
): Validated<z.output<S>> {
  const read = schema.safeParse(given);
  if (read.success) return { ok: true, value: read.data };
  const errors = read.error.issues.flatMap((issue) => errorsOf(issue, part));
  const detail = `The ${part} has ${errors.length === 1 ? 'a fault' : `${errors.length} faults`}.`;
  return { ok: false, problem: platformProblem('invalid', { detail, errors }) };
}

/** Like `validate`, for handlers that leave by throwing the problem. */
export function validated<S extends z.ZodType>(
  schema: S,
  given: unknown,
  part: RequestPart,
): z.output<S> {
  const read = validate(schema, given, part);
  if (!read.ok) throw read.problem;
  return read.value;
}

function errorsOf(issue: z.core.$ZodIssue, part: RequestPart): ProblemError[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) =>
      place(part, [...issue.path, key], 'unrecognized_keys', 'There is no such field'),
    );
  return [place(part, issue.path, issue.code, issue.message)];
}

function place(
  part: RequestPart,
  path: readonly PropertyKey[],
  code: string,
  detail: string,
): ProblemError {
  const where =
    part === 'body'
      ? { pointer: jsonPointer(path) }
      : { parameter: path.length === 0 ? part : path.map(String).join('.') };
  return { ...where, code: code.replaceAll('_', '-'), detail };
}
