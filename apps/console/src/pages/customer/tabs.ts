/** A customer's tabs in their order; each is a route under /customers/$customer. */
export const TABS = [
  { label: 'Usage & limits', to: '/customers/$customer' },
  { label: 'History', to: '/customers/$customer/history' },
  { label: 'Decisions', to: '/customers/$customer/decisions' },
  { label: 'Events', to: '/customers/$customer/events' },
  { label: 'Audit', to: '/customers/$customer/audit' },
] as const;
