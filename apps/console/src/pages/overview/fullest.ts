import type { LimitState } from '@tallyward/contracts';
import type { ListedCustomer } from '../../api/customers';

export interface FullLimit {
  readonly customer: string;
  readonly name: string | null;
  readonly limit: LimitState;
}

/** Of each customer the fullest limit, fullest first; a limit of 0 that was never used is none. */
export function fullest(customers: readonly ListedCustomer[]): FullLimit[] {
  return customers
    .flatMap(({ customer, name, limits = [] }) => {
      const [limit] = limits
        .filter(({ amount, used }) => amount > 0 || used > 0)
        .toSorted((one, other) => shareOf(other) - shareOf(one));
      return limit ? [{ customer, name, limit }] : [];
    })
    .sort((one, other) => shareOf(other.limit) - shareOf(one.limit));
}

/** A limit of 0 that was used is full, and stands below those that were passed by more. */
const shareOf = ({ used, amount }: LimitState): number => (amount === 0 ? 1 : used / amount);
