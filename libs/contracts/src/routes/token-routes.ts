import { z } from 'zod';
import { CUSTOMER_TOKEN_TTL_S, customerToken, customerTokenRequest } from '../customer-tokens';
import { name } from '../names';
import { json, type RouteDeclaration } from './route';

export const TOKEN_ROUTES = [
  {
    id: 'createCustomerToken',
    method: 'POST',
    path: '/v1/customers/{customer}/tokens',
    owner: 'gateway',
    access: 'admin',
    summary: "Make a token that reads one customer's own usage, for its browser.",
    description:
      'It may GET what is described with `customerToken` here, of its own customer alone, and ends ' +
      `with the key that made it, after ${CUSTOMER_TOKEN_TTL_S.most / 3_600} hours at the latest. ` +
      'It is not kept anywhere: to take one back before, revoke the key.',
    params: z.object({ customer: name }),
    body: json(customerTokenRequest, { ttlSeconds: 3_600 }),
    answer: { status: 201, description: 'Made.', contents: json(customerToken) },
    problems: [],
  },
] as const satisfies readonly RouteDeclaration[];
