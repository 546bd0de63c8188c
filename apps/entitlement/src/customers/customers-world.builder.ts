import type { TierLimit } from '@tallyward/contracts';
import { type UsageLabels, zeroAmounts } from '@tallyward/domain';
import { testbed } from '@tallyward/testing';
import { adminOf, type Answered, entitlementOn } from '../entitlement.builder';
import { topicReader, type TopicReader } from '../publish-facts/topic-reader.builder';
import { openStorage } from '../storage/data-source';
import { TotalsStore } from '../storage/totals/totals-store';

export const FIRST_EVENT = Date.parse('2026-01-31T10:20:30.400Z');
export const GOLD = { name: 'Gold', version: 1 };

/** A limit of 100 calls a month on premium, but for what a test says. */
export const limit = (more: Partial<TierLimit> = {}): object => ({
  scope: 'customer',
  modelGroup: 'premium',
  unit: 'calls',
  window: 'month',
  amount: 100,
  onLimit: 'block',
  ...more,
});

export const code = ({ status, body }: Answered): string =>
  `${status} ${String(body.code ?? '')}`.trim();
export const data = ({ body }: Answered) => body.data as Record<string, unknown>[];

export interface CustomersWorld {
  readonly dataSource: Awaited<ReturnType<typeof openStorage>>;
  readonly totals: TotalsStore;
  readonly reader: TopicReader;
  /** A project with a draft `Gold`, and asking as its admin. */
  own(): Promise<{
    readonly project: string;
    ask(line: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
  }>;
  /** As the fold meets customers. */
  meet(project: string, ...customers: string[]): Promise<void>;
  /** As the totals have it after so many calls just now. */
  use(project: string, customer: string, calls: number, more?: Partial<UsageLabels>): Promise<void>;
  close(): Promise<void>;
}

/** For specs: the service on real engines, and the storage that the fold writes through. */
export async function customersWorld(): Promise<CustomersWorld> {
  const bed = await testbed();
  const service = await entitlementOn(bed);
  const dataSource = await openStorage(bed.postgres.entitlement, 'customers-spec', () => undefined);
  const totals = new TotalsStore(dataSource);
  const reader = await topicReader(bed);
  return {
    dataSource,
    totals,
    reader,
    async own() {
      const { project } = await service.newProject();
      const as = adminOf(project, { actor: 'Ida' });
      const ask = (line: string, body?: unknown, headers: Record<string, string> = {}) =>
        service.ask(line, { as, body, headers });
      const limits = [limit(), limit({ window: 'day', amount: 10 })];
      await ask('POST /v1/tiers', { name: 'Gold', limits });
      return { project, ask };
    },
    meet: (project, ...customers) =>
      totals.fold((transaction) =>
        transaction.seeCustomers(
          customers.map((customer) => ({ project, customer, firstSeen: FIRST_EVENT })),
        ),
      ),
    use: (project, customer, calls, more = {}) =>
      totals.fold((transaction) => {
        const labels = { workspace: '', user: '', role: '', model: 'm', modelGroup: 'premium' };
        const quarter = Math.floor(Date.now() / 900_000) * 900_000;
        const key = { project, customer, quarter, ...labels, ...more };
        const amounts = { ...zeroAmounts(), calls };
        return transaction.addTotals(0, [{ key, amounts, proof: 0n }]);
      }),
    close: async () => {
      await reader.close();
      await dataSource.destroy();
      await service.close();
      await bed.close();
    },
  };
}
