/** Sent with every file of the console; one that is no page needs no style of its own. */
const policyWith = (style: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src ${style}`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ');

const EVERY_FILE = {
  'content-security-policy': policyWith("'self'"),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** A script tag in other products asks for it, and finds a new one within minutes. */
export const WIDGET = '/widget.js';
/** Files whose names hold a hash of what is in them. */
export const ASSETS = '/assets/';

/**
 * Of the page, whose scripts write style elements: those that know this answer's nonce count. No
 * other answer's policy lets them in, so nothing is kept.
 */
export function pageHeaders(nonce: string): Record<string, string> {
  return {
    ...EVERY_FILE,
    'content-security-policy': policyWith(`'self' 'nonce-${nonce}'`),
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
    'content-type': 'text/html; charset=utf-8',
  };
}

export function headersOf(file: string): Record<string, string> {
  if (file === WIDGET) {
    return {
      ...EVERY_FILE,
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': 'public, max-age=300',
    };
  }
  const cacheControl = file.startsWith(ASSETS) ? 'public, max-age=31536000, immutable' : 'no-cache';
  const own = { 'cross-origin-resource-policy': 'same-origin', 'cache-control': cacheControl };
  return { ...EVERY_FILE, ...own };
}
