import { Till } from './till';

it('a hold counts whole until its settlement is sent, and then with what it used', () => {
  const till = new Till();
  till.admitted('a', 60);
  till.admitted('b', 40);
  till.settling('a', 10);
  till.settling('a', 10);
  till.settled('a', 10, false);
  till.admitted('c', 20);
  expect([till.most, till.sold, till.unsettled]).toEqual([100, 10, 2]);
});

it('what is settled late, or released, is neither sold nor held', () => {
  const till = new Till();
  till.admitted('a', 60);
  till.admitted('b', 40);
  till.settled('a', 60, true);
  till.released('b');
  till.admitted('c', 70);
  expect([till.most, till.sold, till.late, till.unsettled]).toEqual([100, 0, 60, 1]);
});

it('two calls are never given one hold', () => {
  const till = new Till();
  till.admitted('a', 1);
  expect(() => till.admitted('a', 1)).toThrow('two calls');
});
