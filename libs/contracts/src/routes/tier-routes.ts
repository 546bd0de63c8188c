import { z } from 'zod';
import { page, pageQuery } from '../catalogue';
import { migration, migrationAnswer } from '../customers';
import { name, versionNumber } from '../names';
import { newTier, tierClone, tierDifference, tierLimits, tierVersion } from '../tiers';
import { json, once, type RouteDeclaration } from './route';

const params = z.object({ name, n: versionNumber });

const limits = [
  {
    scope: 'customer',
    modelGroup: 'premium',
    unit: 'tokens',
    window: 'month',
    amount: 100_000,
    onLimit: 'restrict',
    restrictTo: 'standard',
    replenishment: { kind: 'reset' },
    message: null,
  },
  {
    scope: 'user',
    modelGroup: '*',
    unit: 'calls',
    window: { firstUse: 'PT5H' },
    amount: 200,
    onLimit: 'throttle',
  },
];

export const TIER_ROUTES = [
  {
    id: 'createTier',
    method: 'POST',
    path: '/v1/tiers',
    owner: 'entitlement',
    access: 'admin',
    summary: 'Make a usage tier: its version 1, a draft.',
    headers: once,
    body: json(newTier, { name: 'Professional', limits }),
    answer: { status: 201, description: 'Made.', contents: json(tierVersion) },
    problems: ['conflict'],
  },
  {
    id: 'listTiers',
    method: 'GET',
    path: '/v1/tiers',
    owner: 'entitlement',
    access: 'admin',
    summary: 'Every version of every tier, by name and version.',
    query: pageQuery,
    answer: { status: 200, description: 'One page.', contents: json(page(tierVersion)) },
    problems: [],
  },
  {
    id: 'readTierVersion',
    method: 'GET',
    path: '/v1/tiers/{name}/versions/{n}',
    owner: 'entitlement',
    access: 'admin',
    summary: 'A tier version.',
    params,
    answer: { status: 200, description: 'The version.', contents: json(tierVersion) },
    problems: ['not-found'],
  },
  {
    id: 'putTierVersion',
    method: 'PUT',
    path: '/v1/tiers/{name}/versions/{n}',
    owner: 'entitlement',
    access: 'admin',
    summary: 'Edit a draft: all its limits anew. A version that a customer has had is frozen.',
    params,
    headers: once,
    body: json(tierLimits, { limits }),
    answer: { status: 200, description: 'The version.', contents: json(tierVersion) },
    problems: ['not-found', 'tier-version-in-use'],
  },
  {
    id: 'cloneTierVersion',
    method: 'POST',
    path: '/v1/tiers/{name}/versions/{n}/clone',
    owner: 'entitlement',
    access: 'admin',
    summary: 'The next version of the tier, a draft with the limits of this one.',
    params,
    headers: once,
    body: json(tierClone, { reason: 'New prices' }),
    answer: { status: 201, description: 'Made.', contents: json(tierVersion) },
    problems: ['not-found', 'conflict'],
  },
  {
    id: 'diffTierVersions',
    method: 'GET',
    path: '/v1/tiers/{name}/versions/{n}/diff',
    owner: 'entitlement',
    access: 'admin',
    summary: 'What version `with` of the tier has that this one has not, and the other way round.',
    params,
    query: z.strictObject({ with: versionNumber }),
    answer: { status: 200, description: 'The difference.', contents: json(tierDifference) },
    problems: ['not-found'],
  },
  {
    id: 'migrateTierVersion',
    method: 'POST',
    path: '/v1/tiers/{name}/versions/{n}/migrate',
    owner: 'entitlement',
    access: 'admin',
    summary: 'Move all customers of a version to another, or see who would then be over a limit.',
    params,
    headers: once,
    body: json(migration, { to: { name: 'Professional', version: 2 }, dryRun: true }),
    answer: { status: 200, description: 'Moved, or looked at.', contents: json(migrationAnswer) },
    problems: ['not-found'],
  },
] as const satisfies readonly RouteDeclaration[];
