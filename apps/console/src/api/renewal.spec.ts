import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { ApiProblem } from './problem';
import { mayRecover, Renewal } from './renewal';

const KEY = ['usage'];

interface Answer {
  readonly resolve: (data: string) => void;
  readonly reject: (error: Error) => void;
}

/** A query on show, whose answers come when they are given. */
function shown() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const waiting: Answer[] = [];
  const queryFn = () => new Promise<string>((resolve, reject) => waiting.push({ resolve, reject }));
  const unwatch = new QueryObserver(client, { queryKey: KEY, queryFn }).subscribe(() => undefined);
  const renewal = new Renewal(client);
  const end = renewal.start();
  return {
    waiting,
    renewal,
    data: () => client.getQueryData(KEY),
    close: () => {
      end();
      unwatch();
      client.clear();
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));
const all = (): boolean => true;

describe('what is on show', () => {
  it('comes to be shown however fast changes follow, and is asked for once more after', async () => {
    const { waiting, renewal, data, close } = shown();
    waiting[0]?.resolve('first');
    await turn();
    for (let change = 0; change < 5; change++) {
      renewal.ask(all);
      await turn();
    }
    expect(waiting).toHaveLength(2);
    waiting[1]?.resolve('second');
    await turn();
    expect(data()).toBe('second');
    expect(waiting).toHaveLength(3);
    waiting[2]?.resolve('third');
    await turn();
    expect([data(), waiting.length]).toEqual(['third', 3]);
    close();
  });

  it('is asked for once more after the first answer too, and after one that failed', async () => {
    const { waiting, renewal, close } = shown();
    renewal.ask(all);
    waiting[0]?.reject(new Error('away'));
    await turn();
    expect(waiting).toHaveLength(2);
    waiting[1]?.resolve('there');
    await turn();
    expect(waiting).toHaveLength(2);
    close();
  });

  it('is asked for again by itself where it failed and may not the next time', async () => {
    const { waiting, renewal, data, close } = shown();
    waiting[0]?.reject(new ApiProblem(503, 'unavailable', 'Away', null));
    await turn();
    renewal.ask(mayRecover);
    waiting[1]?.reject(new ApiProblem(403, 'forbidden', 'Not yours', null));
    await turn();
    renewal.ask(mayRecover);
    expect([waiting.length, data()]).toEqual([2, undefined]);
    close();
  });
});
