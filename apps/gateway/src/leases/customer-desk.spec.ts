import { limitOf } from '@tallyward/contracts';
import { LEASE_TERMS } from '@tallyward/domain';
import { aTierLimit } from '../decide/decide.builder';
import { CustomerDesk } from './customer-desk';
import { Desks } from './desks';

const MINUTE_MS = 60_000;

describe('leases are to carry holds as long as those that a customer had of late', () => {
  it('the longest of them, and none longer than usual', () => {
    const desk = new CustomerDesk('demo', 'acme');
    desk.meets(5_000, 0);
    expect(desk.usualHoldMs).toBe(5_000);
    desk.meets(30_000, MINUTE_MS);
    desk.meets(10_000, 2 * MINUTE_MS);
    expect(desk.usualHoldMs).toBe(30_000);
    desk.meets(900_000, 3 * MINUTE_MS);
    expect(desk.usualHoldMs).toBe(LEASE_TERMS.usualHoldMs);
  });

  it('one of long ago is forgotten, but not at once', () => {
    const desk = new CustomerDesk('demo', 'acme');
    desk.meets(60_000, 0);
    desk.meets(5_000, 11 * MINUTE_MS);
    expect(desk.usualHoldMs).toBe(60_000);
    desk.meets(5_000, 22 * MINUTE_MS);
    expect(desk.usualHoldMs).toBe(5_000);
  });
});

describe('what no call met for twenty minutes is forgotten', () => {
  const IDLE_MS = 20 * MINUTE_MS;
  const limit = limitOf(aTierLimit({ scope: 'user' }));

  it('also of a customer that calls all the time: users come and go', () => {
    const desks = new Desks();
    const desk = desks.of('demo', 'acme');
    for (let minute = 0; minute < 120; minute += 1) {
      desk.meets(60_000, minute * MINUTE_MS);
      desk.counter(limit, 'always');
      for (let n = 0; n < 10; n += 1) desk.counter(limit, `u-${minute}-${n}`);
      desks.sweep(minute * MINUTE_MS, IDLE_MS);
    }
    expect(desk.counters.size).toBeLessThanOrEqual(410);
    expect(desk.counter(limit, 'always')).toBe(
      desk.counters.get(desk.counter(limit, 'always').name),
    );
    expect(desks.of('demo', 'acme')).toBe(desk);
  });

  it('but not what is held, nor what entitlement still takes for held', () => {
    const desks = new Desks();
    const desk = desks.of('demo', 'acme');
    Object.assign(desk.counter(limit, 'a'), { held: 1 });
    Object.assign(desk.counter(limit, 'b'), { heldTold: 1 });
    desk.counter(limit, 'c');
    for (let minute = 0; minute < 60; minute += 1) {
      for (let twice = 0; twice < 2; twice += 1) desks.sweep(minute * MINUTE_MS, IDLE_MS);
    }
    expect([...desk.counters.values()].map(({ scopeValue }) => scopeValue)).toEqual(['a', 'b']);
  });
});
