import type { Testbed } from '../testbed/testbed';
import { assertEqual, BrokenOff, type Bench } from './bench';
import type { Side } from './compare';
import { benchesAsked } from './find-benches';
import { runBenches } from './run-benches';
import { percentile, spreadOf } from './spread';
import { asJson, summary } from './summary';

const quiet = { quick: true, tell: () => undefined };

const side = (name: string, turns: string[]): Side => ({
  name,
  prepare: (round) => void turns.push(`${name} prepares ${round}`),
  run: async (round) => {
    turns.push(`${name} ${round}`);
    return 100;
  },
});

const comparing = (turns: string[], rounds: number): Bench => ({
  name: 'comparing',
  about: 'one thing with two others',
  run: async (run) => {
    const [ours, one, two] = ['ours', 'one', 'two'].map((name) => side(name, turns));
    if (!ours || !one || !two) throw new Error('three sides');
    const bare = [{ ...one, budget: 0.5 }, two];
    const compared = await run.compare({ what: 'a thing', ours, bare, rounds, processes: {} });
    return compared.figures;
  },
});

describe('the bench runner', () => {
  it('runs the sides turn about, the first round of each for warming up alone', async () => {
    const turns: string[] = [];
    const { figures } = await runBenches([comparing(turns, 2)], quiet);
    expect(turns.filter((turn) => !turn.includes('prepares'))).toEqual(
      [0, 1, 2].flatMap((round) => [`ours ${round}`, `one ${round}`, `two ${round}`]),
    );
    expect(turns.slice(0, 2)).toEqual(['ours prepares 0', 'ours 0']);
    expect(figures.map(({ against }) => against?.split(' ')[0])).toEqual(['one', 'two']);
    expect(figures.map(({ budget }) => budget?.text)).toEqual(['≥ 0.5', undefined]);
  });

  it('measures at least five rounds unless it is asked to be quick', async () => {
    const turns: string[] = [];
    await runBenches([comparing(turns, 1)], { ...quiet, quick: false });
    expect(turns.filter((turn) => /^ours \d/.test(turn))).toHaveLength(6);
  });

  it('tells the median and the range, whichever way they came', () => {
    expect(spreadOf([9, 1, 5])).toEqual({ median: 5, from: 1, to: 9 });
    expect(spreadOf([4, 1, 2, 9])).toEqual({ median: 3, from: 1, to: 9 });
    expect(() => spreadOf([])).toThrow('nothing was measured');
    expect([percentile([3, 1, 2], 0.5), percentile([3, 1, 2], 0.99)]).toEqual([2, 3]);
  });

  it('names the benches there are when it is asked for another', () => {
    const found = new Map([['comparing', comparing([], 1)]]);
    expect(benchesAsked(found, ['comparig'])).toEqual({
      kind: 'unknown',
      detail: expect.stringMatching(/"comparig"[^]*comparing +one thing with two others/),
    });
    expect(benchesAsked(found, [])).toMatchObject({ benches: [{ name: 'comparing' }] });
  });

  it('closes what a bench opened and goes on after one that counted wrong', async () => {
    let [opened, closed] = [0, 0];
    const bed = async () => {
      opened += 1;
      return { close: async () => void (closed += 1) } as Testbed;
    };
    const wrong: Bench = {
      name: 'wrong',
      about: 'loses an event',
      run: async (run) => {
        await run.bed();
        assertEqual('events', 99, 100);
        return [];
      },
    };
    const run = await runBenches([wrong, comparing([], 1)], { ...quiet, bed });
    expect([opened, closed]).toEqual([1, 1]);
    expect(run.faults).toMatchObject([
      { bench: 'wrong', detail: expect.stringContaining('events: 99, not 100') },
    ]);
    expect(run.figures).toHaveLength(2);
    expect(summary(run)).toMatch(/comparing[^]*FAILED {2}wrong/);
    expect(JSON.parse(asJson(run))).toMatchObject({ figures: [{ bench: 'comparing' }, {}] });
  });

  it('that is broken off closes what still comes up, waits for nothing else, begins nothing', async () => {
    const turns: string[] = [];
    const [broken, closed] = [new AbortController(), [] as string[]];
    const bed = async () => {
      broken.abort(new BrokenOff('by hand'));
      await Promise.resolve();
      return { close: async () => void closed.push('closed') } as unknown as Testbed;
    };
    const hanging: Bench = {
      name: 'hanging',
      about: 'waits for ever',
      run: async (run) => {
        await run.bed();
        return new Promise(() => undefined);
      },
    };
    const { signal } = broken;
    const benches = [hanging, comparing(turns, 1)];
    await expect(runBenches(benches, { ...quiet, bed, signal })).rejects.toThrow('by hand');
    expect([closed, turns]).toEqual([['closed'], []]);
  });
});
