const SHOWN = ['sides', 'periods', 'records'] as const;
export type Shown = (typeof SHOWN)[number];

/** The billing page's filters, as its address holds them. */
export interface BillingSearch {
  readonly show?: Shown;
  readonly customer?: string;
  readonly unit?: 'calls';
}

const MOST_CHARACTERS = 128;

export function billingSearch(given: Record<string, unknown>): BillingSearch {
  const { customer, unit } = given;
  const show = SHOWN.find((one) => one === given['show'] && one !== 'sides');
  const named = typeof customer === 'string' || typeof customer === 'number';
  return {
    ...(show ? { show } : {}),
    ...(named && customer !== '' ? { customer: String(customer).slice(0, MOST_CHARACTERS) } : {}),
    ...(unit === 'calls' ? { unit } : {}),
  };
}
