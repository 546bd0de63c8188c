import { ClickHouseError } from '@clickhouse/client';

const LOSS_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_SOCKET',
]);
const LOSS_TEXT = new RegExp(
  [
    'socket hang up',
    'Timeout error',
    'request was aborted',
    'aborted a request',
    'Connection lost',
  ].join('|'),
  'i',
);
/**
 * 159 timeout, 202 too many queries, 209 and 210 socket, 236 aborted, 241 memory, 242 read-only
 * table, 252 too many parts, 319 unknown status of insert, 999 Keeper.
 */
const TRANSIENT_CODES = new Set([
  '159',
  '202',
  '209',
  '210',
  '236',
  '241',
  '242',
  '252',
  '319',
  '999',
]);

/** The server is away, or went away: whether an insert landed is unknown. */
export function isClickHouseLoss(error: unknown): boolean {
  if (error instanceof ClickHouseError) return ['209', '210', '236', '319'].includes(error.code);
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string' && LOSS_CODES.has(code)) return true;
  return error instanceof Error && LOSS_TEXT.test(error.message);
}

/**
 * Worth trying the same again later: the server is away or overloaded, the statement isn't at
 * fault.
 */
export function isClickHouseTransient(error: unknown): boolean {
  if (isClickHouseLoss(error)) return true;
  return error instanceof ClickHouseError && TRANSIENT_CODES.has(error.code);
}

/** ClickHouse's number for the error, as '60' (no such table), or ''. */
export function clickHouseCode(error: unknown): string {
  return error instanceof ClickHouseError ? error.code : '';
}
