/** The media type of RFC 9457. */
export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';
/** Most entries of `errors`; what is beyond is left out, the first ones lead to the rest. */
export const MOST_PROBLEM_ERRORS = 1_000;

/** One fault in a request: where it is (JSON pointer into the body, or the parameter), and what. */
export type ProblemError = {
  readonly code: string;
  readonly detail: string;
  readonly pointer?: string;
  readonly parameter?: string;
  readonly [extra: string]: unknown;
};

export type ProblemFields = {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail?: string;
  readonly errors?: readonly ProblemError[];
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * An answer that is not the wanted one, as RFC 9457 problem details. It is a value: a handler
 * returns it (`Thing | Problem`), and the HTTP service writes it with its status and headers. It
 * can also be thrown, where a return would have to climb through Nest's own layers (guards,
 * pipes).
 */
export class Problem {
  constructor(readonly fields: ProblemFields) {}

  get status(): number {
    return this.fields.status;
  }

  get code(): string {
    return this.fields.code;
  }

  body(requestId: string): Record<string, unknown> {
    const { code, status, title, detail, errors } = this.fields;
    return {
      type: `urn:tallyward:problem:${code}`,
      title,
      status,
      code,
      ...(detail === undefined ? {} : { detail }),
      requestId,
      ...(errors === undefined ? {} : { errors: errors.slice(0, MOST_PROBLEM_ERRORS) }),
    };
  }
}

type Details = Pick<ProblemFields, 'detail' | 'errors' | 'headers'> & { readonly status?: number };
type Table = Readonly<Record<string, readonly [number, string]>>;

/** Makes problems of a table `code → [status, title]`, so that each code always means the same. */
export function problemsFrom<T extends Table>(table: T) {
  return (code: keyof T & string, details: Details = {}): Problem => {
    const [status, title] = table[code] as readonly [number, string];
    return new Problem({ code, status, title, ...details });
  };
}

/** The problems that the HTTP layer itself answers with; the same codes as in the contracts. */
export const platformProblem = problemsFrom({
  'bad-request': [400, 'The request can not be read'],
  unauthenticated: [401, 'No valid API key'],
  forbidden: [403, 'The key may not do this'],
  'not-found': [404, 'There is no such thing'],
  'method-not-allowed': [405, 'The address does not take this method'],
  conflict: [409, 'The change contradicts the present state'],
  'body-too-large': [413, 'The body is too large'],
  'unsupported-media-type': [415, 'The content type is not taken here'],
  invalid: [422, 'The request is understood, but can not be taken'],
  overloaded: [429, 'Too much at once'],
  'internal-error': [500, 'Tallyward failed'],
  'service-unavailable': [503, 'A part of Tallyward is away'],
} as const);
