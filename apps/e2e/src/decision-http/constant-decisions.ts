import { CHECKOUT } from '@tallyward/local';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ALLOWED } from './constant-answer';

/**
 * To be loaded into a gateway before its own program: its route of decisions is the gateway's own,
 * with its keys, checks and telemetry, and answers a constant.
 */
const load = createRequire(__filename);
const { Decide } = load(join(CHECKOUT, 'apps/gateway/dist/decide/decide.service.js')) as {
  Decide: { prototype: { decide: () => Promise<unknown> } };
};
Decide.prototype.decide = () => Promise.resolve(ALLOWED);
