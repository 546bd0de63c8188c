import { z } from 'zod';
import { instant, name } from './names';

/** What a customer's token begins with; an API key begins with tw_. */
export const CUSTOMER_TOKEN_PREFIX = 'twc_';
export const CUSTOMER_TOKEN_TTL_S = { least: 60, most: 86_400 } as const;

export const customerTokenRequest = z.strictObject({
  ttlSeconds: z
    .number()
    .int()
    .min(CUSTOMER_TOKEN_TTL_S.least)
    .max(CUSTOMER_TOKEN_TTL_S.most)
    .default(CUSTOMER_TOKEN_TTL_S.most),
});

export const customerToken = z
  .object({
    token: z
      .string()
      .meta({ description: `${CUSTOMER_TOKEN_PREFIX}…, for the header Authorization.` }),
    customer: name,
    expiresAt: instant,
  })
  .meta({ id: 'CustomerToken' });
export type CustomerTokenAnswer = z.output<typeof customerToken>;
