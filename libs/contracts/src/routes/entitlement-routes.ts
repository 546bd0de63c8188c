import { z } from 'zod';
import { page } from '../catalogue';
import {
  entitlements,
  overage,
  overagesQuery,
  replenishAnswer,
  replenishRequest,
} from '../entitlements';
import { name } from '../names';
import { json, once, type RouteDeclaration } from './route';

const params = z.object({ customer: name });

export const ENTITLEMENT_ROUTES = [
  {
    id: 'readEntitlements',
    method: 'GET',
    path: '/v1/customers/{customer}/entitlements',
    owner: 'entitlement',
    access: 'read',
    ofCustomer: true,
    summary: 'What a customer may use now, and what is left of it.',
    params,
    answer: { status: 200, description: 'Its tier and limits.', contents: json(entitlements) },
    problems: ['not-found'],
  },
  {
    id: 'listOverages',
    method: 'GET',
    path: '/v1/customers/{customer}/overages',
    owner: 'entitlement',
    access: 'read',
    ofCustomer: true,
    summary: 'What limits that allow let pass, and what passed others, by limit and window.',
    description:
      'One row per limit and window that touches [from, to): of limits that allow where there ' +
      'was use, of others where more was used than they give. In the order of the windows.',
    params,
    query: overagesQuery,
    answer: { status: 200, description: 'One page.', contents: json(page(overage)) },
    problems: ['not-found', 'too-many-rows'],
  },
  {
    id: 'replenishCustomer',
    method: 'POST',
    path: '/v1/customers/{customer}/replenish',
    owner: 'entitlement',
    access: 'admin',
    summary: 'Give more in the present windows of limits, or let what was used not count.',
    params,
    headers: once,
    body: json(replenishRequest, {
      limits: [{ scope: 'customer', modelGroup: 'premium', unit: 'tokens', window: 'month' }],
      amount: 500,
      reason: 'Goodwill',
    }),
    answer: {
      status: 200,
      description: 'The limits as they are.',
      contents: json(replenishAnswer),
    },
    problems: ['not-found'],
  },
] as const satisfies readonly RouteDeclaration[];
