/** A customer's tabs in their order; each is a route under /customers/$customer. */
export const TABS = [{ label: 'Usage & limits', to: '/customers/$customer' }] as const;
