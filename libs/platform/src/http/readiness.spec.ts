import { Readiness } from './readiness';

test('a check that never answers, or throws, is not ready, and says nothing it should not', async () => {
  const readiness = new Readiness();
  readiness.add('postgres', async () => {
    throw new Error('password hunter2 refused');
  });
  readiness.add('log', () => new Promise(() => undefined));
  readiness.add('fold', () => ({ ok: true, detail: 'caught up' }));
  readiness.add('relay', () => ({ ok: false, detail: 'connect ECONNREFUSED 10.1.2.3:5432' }));
  expect(await readiness.results()).toEqual([
    { name: 'postgres', ok: false, detail: 'the check failed' },
    { name: 'log', ok: false, detail: 'no answer in 2000 ms' },
    { name: 'fold', ok: true, detail: 'caught up' },
    { name: 'relay', ok: false, detail: 'connect ECONNREFUSED (address)' },
  ]);
});

test('requests that come meanwhile share one run of the checks', async () => {
  const readiness = new Readiness();
  let runs = 0;
  readiness.add('log', () => ({ ok: (runs += 1) > 0 }));
  await Promise.all([readiness.results(), readiness.results()]);
  expect(runs).toBe(1);
  await readiness.results();
  expect(runs).toBe(2);
});

test('a check that hangs is asked once, however often somebody looks, and again when it has ended', async () => {
  const readiness = new Readiness();
  let asked = 0;
  let end = (): void => undefined;
  readiness.add('postgres', () => {
    asked += 1;
    return new Promise((resolve) => (end = () => resolve({ ok: true })));
  });
  for (const _ of [1, 2]) expect((await readiness.results())[0]?.ok).toBe(false);
  expect(asked).toBe(1);
  end();
  await new Promise((turn) => setImmediate(turn));
  const again = readiness.results();
  await new Promise((turn) => setImmediate(turn));
  end();
  expect(await again).toEqual([{ name: 'postgres', ok: true }]);
  expect(asked).toBe(2);
});

test('a service that is stopping is not ready', async () => {
  const readiness = new Readiness();
  readiness.drain();
  expect(await readiness.results()).toEqual([{ name: 'running', ok: false, detail: 'stopping' }]);
});
