import type { PeriodKey } from '../../../close-periods/closing';

export interface PlaceOfCustomer {
  readonly project: string;
  readonly customer: string;
}

/** A customer, as a key of a map. */
export const customerText = ({ project, customer }: PlaceOfCustomer): string =>
  JSON.stringify([project, customer]);
/** A customer's period, as a key of a map: no two begin at one instant. */
export const periodText = (of: PlaceOfCustomer, from: number): string =>
  JSON.stringify([of.project, of.customer, from]);

/** Projects, customers, starts and ends of periods: one list each, for unnest. */
export const spansOf = (of: readonly PeriodKey[]): unknown[][] => [
  ...customersOf(of),
  of.map(({ period }) => period.from),
  of.map(({ period }) => period.to),
];
export const customersOf = (of: readonly PlaceOfCustomer[]): unknown[][] => [
  of.map(({ project }) => project),
  of.map(({ customer }) => customer),
];
