import { Till } from './till';

it('a hold counts whole until its settlement is sent, and then with what it used', () => {
  const till = new Till();
  till.admitted('a', 60);
  till.admitted('b', 40);
  till.settling('a', 10);
  till.settling('a', 10);
  till.settled('a', 10);
  till.admitted('c', 20);
  expect([till.most, till.sold, till.unsettled]).toEqual([100, 10, 2]);
});

it('what is released is neither sold nor held', () => {
  const till = new Till();
  till.admitted('a', 60);
  till.admitted('b', 40);
  till.settled('a', 60);
  till.released('b');
  till.admitted('c', 30);
  expect([till.most, till.sold, till.unsettled]).toEqual([100, 60, 1]);
});

it('oversold is what passed the amount, and no overrun explains: whenever it was settled', () => {
  const till = new Till();
  till.admitted('a', 60);
  till.admitted('b', 70);
  till.settled('a', 60);
  till.settled('b', 70);
  expect(till.oversold(100, 130, 0)).toBe(30);
  expect(till.oversold(100, 130, 20)).toBe(10);
  expect(till.oversold(100, 130, 30)).toBe(0);
  // Both were out at once, whatever the totals have.
  expect(till.oversold(100, 90, 0)).toBe(30);
  expect(till.oversold(200, 130, 0)).toBe(0);
});

it('two calls are never given one hold', () => {
  const till = new Till();
  till.admitted('a', 1);
  expect(() => till.admitted('a', 1)).toThrow('two calls');
});
