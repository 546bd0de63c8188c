import { meteringOf } from './metering-file';

const rule = { unit: 'tokens', modelGroup: '*', eventName: 'tokens', bill: 'overage' };
const customers = { 'demo:acme': 'cus_1' };

describe('which meter a unit goes to', () => {
  it('is read from a file', () => {
    expect(meteringOf({ rules: [rule], customers })).toEqual({ rules: [rule], customers });
  });

  it.each([
    ['rules', null],
    ['rules.1', { rules: [rule, { ...rule, bill: 'all' }], customers }],
    ['rules.0', { rules: [{ ...rule, eventName: 'x'.repeat(101) }], customers }],
    ['customers', { rules: [rule] }],
    ['customers.acme', { rules: [rule], customers: { acme: 'cus_1' } }],
    ['customers.demo:acme', { rules: [rule], customers: { 'demo:acme': 'acme' } }],
  ])('is refused as a whole, with the place, where %s is wrong', (place, json) => {
    expect(() => meteringOf(json)).toThrow(`${place}: must`);
  });
});
