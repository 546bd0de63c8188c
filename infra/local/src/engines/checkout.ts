import { join } from 'node:path';

/** The root of this checkout, from infra/local/{src,dist}/engines. */
export const CHECKOUT = join(__dirname, '../../../..');
