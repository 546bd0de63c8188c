import { withoutAddresses } from './without-addresses';

test.each([
  ['connect ECONNREFUSED 10.1.2.3:5432', 'connect ECONNREFUSED (address)'],
  ['connect ECONNREFUSED [::1]:5432', 'connect ECONNREFUSED (address)'],
  ['getaddrinfo ENOTFOUND db.internal', 'getaddrinfo ENOTFOUND (address)'],
  ['no answer from db.internal:8123 in time', 'no answer from (address) in time'],
  ['canceling statement due to lock timeout', 'canceling statement due to lock timeout'],
])('a reason that is shown names no address: %s', (reason, shown) => {
  expect(withoutAddresses(reason)).toBe(shown);
});
