import { name as nameShape, versionNumber } from '@tallyward/contracts';
import { validated } from '@tallyward/platform';
import { z } from 'zod';

const place = z.object({ name: nameShape, n: versionNumber });

/** Which tier version a path names. */
export function tierPlace(params: unknown): { readonly name: string; readonly n: number } {
  return validated(place, params, 'path');
}
