/** One fault in a request: `path` or `index` says where, when the API does. */
export interface Fault {
  readonly code: string;
  readonly detail: string;
  readonly path?: string;
  readonly index?: number;
}

/** What the API answered instead (RFC 9457); status 0, `unreachable`: no answer came. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string | null,
    readonly errors: readonly Fault[] = [],
    readonly requestId: string | null = null,
  ) {
    super(detail ?? title);
  }
}

export function unreachable(cause: unknown): ApiProblem {
  const late = cause instanceof DOMException && cause.name === 'TimeoutError';
  const detail = late
    ? 'No answer came in time.'
    : 'The gateway does not answer. It may be starting, or the connection is gone.';
  return new ApiProblem(0, 'unreachable', 'Tallyward can not be reached', detail);
}

/** Reads a problem document; a body that is none gives the status alone. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const { status } = response;
  const body = (await response.json().catch(() => ({}))) as Partial<
    Record<'code' | 'title' | 'detail' | 'requestId', string> & { errors: Fault[] }
  >;
  const title = body.title ?? `The gateway answered ${status}`;
  const { code = `http-${status}`, detail = null, errors = [], requestId = null } = body;
  return new ApiProblem(status, code, title, detail, errors, requestId);
}

/** Worth asking again by itself: the next answer may differ. */
export function mayPass(error: Error | null): boolean {
  if (!(error instanceof ApiProblem)) return false;
  const { status } = error;
  return status === 0 || status === 429 || status >= 500;
}
