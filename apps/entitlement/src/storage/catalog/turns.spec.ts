import { DeadlinePassed } from '../bounded';
import { MAX_CHANGES_AT_ONCE, MAX_CHANGES_WAITING, TooManyChanges, Turns } from './turns';

const LONG = 60_000;

function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

describe('turns', () => {
  it('changes of one project go one after the other, in the order they came', async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const change = (name: string) =>
      turns.take('p', LONG, async () => {
        seen.push(`${name} begins`);
        await Promise.resolve();
        seen.push(`${name} ends`);
      });
    await Promise.all([change('a'), change('b'), change('c')]);
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('a project that waits does not keep the others, of which only so many run at once', async () => {
    const turns = new Turns();
    const { opened, open } = gate();
    let running = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, (running += 1));
      await opened;
      running -= 1;
    };
    const all = ['a', 'a', 'a', 'b', 'c', 'd', 'e', 'f'].map((p) => turns.take(p, LONG, work));
    expect(running).toBe(MAX_CHANGES_AT_ONCE);
    open();
    await Promise.all(all);
    expect(most).toBe(MAX_CHANGES_AT_ONCE);
  });

  it('a failure is its own alone: the next change of the project has its turn', async () => {
    const turns = new Turns();
    const failed = turns.take('p', LONG, () => Promise.reject(new Error('broken')));
    const next = turns.take('p', LONG, () => Promise.resolve('done'));
    await expect(failed).rejects.toThrow('broken');
    await expect(next).resolves.toBe('done');
  });

  it('too many that wait are refused before anything of them is done', async () => {
    const turns = new Turns();
    const { opened, open } = gate();
    const all = Array.from({ length: 1 + MAX_CHANGES_WAITING }, () =>
      turns.take('p', LONG, () => opened),
    );
    await expect(turns.take('p', LONG, () => opened)).rejects.toThrow(TooManyChanges);
    open();
    await Promise.all(all);
  });

  it('a change whose time ran out while it waited is never begun', async () => {
    const turns = new Turns();
    const { opened, open } = gate();
    const first = turns.take('p', LONG, () => opened);
    let begun = false;
    const late = turns.take('p', 5, async () => void (begun = true));
    await expect(late).rejects.toThrow(DeadlinePassed);
    open();
    await first;
    await turns.take('p', LONG, () => Promise.resolve());
    expect(begun).toBe(false);
  });
});
