import { LEASE_TERMS } from '@tallyward/domain';
import { CustomerDesk } from './customer-desk';

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
