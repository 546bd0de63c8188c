import { LOADS } from './sale/loads';
import { overrunsOf } from './storage/stored-counters';
import { Sale, type SaleTerms } from './sale/sale';
import { Stack, START_WITHIN_MS } from './stack.builder';

const SALE_WITHIN_MS = 150_000;
const SEED = 5;
let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start({ gateways: 2 });
}, START_WITHIN_MS);
afterAll(() => stack?.close());

const sell = (terms: Omit<SaleTerms, 'seed' | 'ttlSeconds'>) => {
  const gateways = stack.gateways.map(({ url }) => url);
  const place = {
    gateways,
    key: stack.operatorKey,
    folded: () => stack.folded(),
    overruns: (customer: string) => overrunsOf(stack.bed.postgres.admin, customer),
  };
  return Sale.open(place, { ...terms, seed: SEED, ttlSeconds: 300 });
};

describe('2,000 calls at once, at two gateways, for a limit that few of them fit into', () => {
  it.each([
    { name: 'calls-tilted', unit: 'calls', amount: 100, pick: LOADS.tilted },
    { name: 'tokens-swinging', unit: 'tokens', amount: 50_000, pick: LOADS.swinging },
  ] as const)(
    'are never sold more than it has, and not less: $name',
    async (terms) => {
      const result = await sell({ ...terms, buyers: 2_000 });
      const { oversold, isSoldOut, faults } = result;
      const how = `${result.sold} of ${result.amount} sold in ${result.seconds.toFixed(1)} s: `;
      const answers = [...result.answers].map(([word, times]) => `${times} × ${word}`).join(', ');
      const seen = { oversold, isSoldOut, faults, what: how + answers };
      const what = expect.stringContaining('allow') as unknown;
      expect(seen).toEqual({ oversold: 0, isSoldOut: true, faults: [], what });
    },
    SALE_WITHIN_MS,
  );
});
