import { runBenches, testbed, type Bench } from '@tallyward/testing';
import { benches as admissions } from './admissions.bench';
import { benches as decision } from './decision.bench';
import { benches as memory } from './decision-memory.bench';

const WITHIN_MS = 180_000;

describe('benches of decisions', () => {
  const quick = (benches: readonly Bench[]) =>
    runBenches(benches, { quick: true, tell: () => undefined, bed: () => testbed() });

  it(
    'count right what they measure in process',
    async () => {
      const { faults, figures } = await quick([...decision, ...memory]);
      expect(faults).toEqual([]);
      expect(figures.map(({ bench }) => bench)).toEqual(['decision', 'decision-memory']);
      expect(figures[1]?.numbers?.bytesPerCustomer).toBeGreaterThan(0);
    },
    WITHIN_MS,
  );

  it(
    'sell hard limits exactly, where nothing but the reserve is in the way',
    async () => {
      const { faults, figures } = await quick(admissions);
      expect(faults).toEqual([]);
      const against = figures.map(({ against: other = '' }) => other);
      expect(against.filter((other) => other.startsWith('a Postgres row lock'))).toHaveLength(2);
      for (const { notes = [] } of figures)
        expect(notes[0]).toContain('tallyward: oversold 0, sold 100');
    },
    WITHIN_MS,
  );
});
