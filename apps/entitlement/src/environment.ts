import { parseApiKey } from '@tallyward/contracts';
import { environmentField, serviceEnvironment } from '@tallyward/platform';
import { z } from 'zod';

/** What entitlement reads from its environment, once, in `main`. */
export const entitlementEnvironment = serviceEnvironment.extend({
  TALLYWARD_POSTGRES_URL: environmentField.url('postgres:', 'postgresql:'),
  TALLYWARD_OPERATOR_KEY: z
    .string()
    .refine((text) => parseApiKey(text) !== null)
    .describe('set it to tw_, 16 of a-z0-9, _, 43 of A-Za-z0-9: the operator key to be had'),
});
export type EntitlementEnvironment = z.output<typeof entitlementEnvironment>;
