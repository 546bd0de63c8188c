import { queryOptions } from '@tanstack/react-query';
import { call } from './call';
import type { UsageReport, UsageRow, UsageWanted } from './usage';

/** Characters of names that a request takes: servers refuse a head of more than 16 KiB. */
const MOST_NAMED = 8_000;

/** What each of these customers used: one request, but for very long names. No usage, no rows. */
export const usageOfQuery = (customers: readonly string[], wanted: UsageWanted) =>
  queryOptions({
    queryKey: ['usage', 'of', customers, wanted],
    queryFn: async ({ signal }): Promise<readonly UsageRow[]> => {
      const reports = await Promise.all(
        inRequests(customers).map((customer) => {
          const query = { ...wanted, groupBy: 'customer', customer };
          return call<UsageReport>('/v1/usage', { query, signal });
        }),
      );
      return reports.flatMap(({ data }) => data);
    },
    meta: { changesWith: ['usage'] },
  });

/** In as few parts as fit, in their order. */
export function inRequests(customers: readonly string[]): string[][] {
  const requests: string[][] = [];
  let room = 0;
  for (const customer of customers) {
    const takes = `&customer=${encodeURIComponent(customer)}`.length;
    if (requests.length === 0 || takes > room) {
      requests.push([]);
      room = MOST_NAMED;
    }
    requests.at(-1)?.push(customer);
    room -= takes;
  }
  return requests;
}
