import { name as nameShape } from '@tallyward/contracts';
import { validated } from '@tallyward/platform';
import { z } from 'zod';

const MOST = 2 ** 31 - 1;

export const versionNumber = z.coerce.number().int().min(1).max(MOST);
const place = z.object({ name: nameShape, n: versionNumber });

/** Which tier version a path names. */
export function tierPlace(params: unknown): { readonly name: string; readonly n: number } {
  return validated(place, params, 'path');
}
