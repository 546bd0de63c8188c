import { readFileSync } from 'node:fs';
import { IDENTIFIER_CHARACTERS, type Metering, type MeterRule } from './meter-event';

/** `{"rules":[{"unit","modelGroup","eventName","bill"}],"customers":{"demo:acme":"cus_1"}}` */
export function meteringIn(path: string): Metering {
  return meteringOf(JSON.parse(readFileSync(path, 'utf8')));
}

/** Throws where a rule or customer is not one, and says which: half of it would bill half. */
export function meteringOf(json: unknown): Metering {
  const { rules, customers } = (json ?? {}) as { rules?: unknown; customers?: unknown };
  if (!Array.isArray(rules)) throw new Error('rules: must be a list');
  rules.forEach((rule, n) => {
    if (!isRule(rule)) {
      throw new Error(`rules.${n}: must have unit, modelGroup, eventName and bill`);
    }
  });
  if (typeof customers !== 'object' || customers === null) {
    throw new Error('customers: must be Stripe customers by project:customer');
  }
  for (const [key, customer] of Object.entries(customers)) {
    const isOne = typeof customer === 'string' && /^cus_[A-Za-z0-9]{1,90}$/.test(customer);
    if (!isOne || !key.includes(':')) throw new Error(`customers.${key}: must be a cus_…`);
  }
  return { rules: rules as MeterRule[], customers: customers as Record<string, string> };
}

function isRule(rule: unknown): rule is MeterRule {
  const { unit, modelGroup, eventName, bill } = (rule ?? {}) as Record<string, unknown>;
  return (
    [unit, modelGroup, eventName].every((text) => typeof text === 'string' && text !== '') &&
    (eventName as string).length <= IDENTIFIER_CHARACTERS &&
    (bill === 'quantity' || bill === 'overage')
  );
}
