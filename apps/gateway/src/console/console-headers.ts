/**
 * What every file of the console is sent with.
 * Mantine writes its variables into style elements.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');

const EVERY_FILE = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** A script tag in other products asks for it, and finds a new one within minutes. */
export const WIDGET = '/widget.js';
/** Files whose names hold a hash of what is in them. */
export const ASSETS = '/assets/';

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
