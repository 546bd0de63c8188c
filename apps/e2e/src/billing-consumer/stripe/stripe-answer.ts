/** What one try came to. */
export type Attempt =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly text: string;
      readonly retryAfterMs?: number | undefined;
    }
  | { readonly kind: 'unanswered'; readonly error: unknown };

/**
 * What became of a request. `taken`: Stripe has it, of this try or of one before it. `refused`: it
 * will never take it. `not-taken`: certainly not, and not for its own fault. `unknown`: it may
 * have it. `again`: trying at once may help.
 */
export type SendOutcome =
  | { readonly kind: 'taken'; readonly isRepeat: boolean }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'not-taken'; readonly reason: string; readonly again: boolean }
  | { readonly kind: 'unknown'; readonly reason: string; readonly again: boolean };

/**
 * Stripe refuses an identifier that it has with this message and no code, as
 * https://github.com/langfuse/langfuse/pull/16292 reports; `duplicate_meter_event` is its code
 * elsewhere.
 */
const REPEAT = /^An event already exists with identifier /;
const REPEAT_CODE = 'duplicate_meter_event';
/** The system's words for a connection that was never made: nothing was sent. */
const NEVER_CONNECTED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH'];
const REASON_CHARACTERS = 300;

/** https://docs.stripe.com/api/errors tells what the status codes mean. */
export function outcomeOf(attempt: Attempt): SendOutcome {
  if (attempt.kind === 'unanswered') return outcomeOfSilence(attempt.error);
  const { status } = attempt;
  const { message, code } = errorIn(attempt.text);
  if (status >= 200 && status < 300) return { kind: 'taken', isRepeat: false };
  if (status === 400 && (REPEAT.test(message) || code === REPEAT_CODE)) {
    return { kind: 'taken', isRepeat: true };
  }
  const reason = `${status} ${message}`.slice(0, REASON_CHARACTERS);
  // 409: the same idempotency key is in flight. 429: too many at once.
  if (status === 409 || status === 429) return { kind: 'not-taken', reason, again: true };
  // The key is wrong or may not: every record would be refused, and none for its own fault.
  if (status === 401 || status === 403) return { kind: 'not-taken', reason, again: false };
  if (status >= 500) return { kind: 'unknown', reason, again: true };
  return { kind: 'refused', reason };
}

function outcomeOfSilence(error: unknown): SendOutcome {
  const { name = '', cause } = (error ?? {}) as { name?: string; cause?: { code?: string } };
  const code = cause?.code ?? '';
  const reason = `no answer: ${code === '' ? name : code}`;
  return { kind: NEVER_CONNECTED.includes(code) ? 'not-taken' : 'unknown', reason, again: true };
}

function errorIn(text: string): { message: string; code: string } {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown; code?: unknown } };
    return { message: textOf(error?.message), code: textOf(error?.code) };
  } catch {
    return { message: 'the answer is no JSON', code: '' }; // a proxy's page: the status decides
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
