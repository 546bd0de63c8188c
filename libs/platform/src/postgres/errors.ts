/**
 * What to do about a Postgres error, read from its SQLSTATE or, when the server is gone, Node's
 * code.
 */

type Coded = { code?: unknown; driverError?: { code?: unknown } | null; message?: unknown };

/** Connection exceptions, and the server's own "I am going", "I am starting", "too many". */
const LOSS_CODES = new Set([
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '53300',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** node-postgres tells these by text alone. */
const LOSS_TEXT = new RegExp(
  [
    'Connection terminated',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error',
    'Client was closed',
    'not queryable',
    'Query read timeout',
  ].join('|'),
);

function codeOf(error: unknown): string {
  const { code, driverError } = (error ?? {}) as Coded;
  const found = driverError?.code ?? code;
  return typeof found === 'string' ? found : '';
}

/** The server is away, or went away: what was in flight is unknown. */
export function isConnectionLoss(error: unknown): boolean {
  const code = codeOf(error);
  if (LOSS_CODES.has(code) || /^08[0-9A-Z]{3}$/.test(code)) return true;
  return code === '' && error instanceof Error && LOSS_TEXT.test(error.message);
}

/** The transaction lost against another one: the same work may be tried again as a whole. */
export function isSerializationFailure(error: unknown): boolean {
  return ['40001', '40P01'].includes(codeOf(error));
}

/** A lock wasn't had within lock_timeout. */
export const isLockTimeout = (error: unknown): boolean => codeOf(error) === '55P03';
/** A statement ran longer than statement_timeout. */
export const isStatementTimeout = (error: unknown): boolean => codeOf(error) === '57014';
export const isUniqueViolation = (error: unknown): boolean => codeOf(error) === '23505';
export const isCheckViolation = (error: unknown): boolean => codeOf(error) === '23514';
export const isForeignKeyViolation = (error: unknown): boolean => codeOf(error) === '23503';

/** The constraint that a violation names, or ''. */
export function constraintOf(error: unknown): string {
  const { driverError, constraint } = (error ?? {}) as {
    driverError?: { constraint?: string };
    constraint?: string;
  };
  return driverError?.constraint ?? constraint ?? '';
}
