/** Where usage is sent: nowhere else without being told so in as many words. */
export const STRIPE = 'https://api.stripe.com';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * The address that requests with the API key go to. A test address must be given on its own, and
 * is of this machine: a key never leaves for a host that a setting names. Throws on any other.
 */
export function stripeAddress(testAddress?: string): string {
  if (testAddress === undefined) return STRIPE;
  const url = URL.canParse(testAddress) ? new URL(testAddress) : undefined;
  if (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname)) return url.origin;
  throw new Error('a test address must be http:// on this machine; leave it out for Stripe');
}
