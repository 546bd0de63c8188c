import { z } from 'zod';
import { instant, projectId } from './names';

/** Keys in one message, as many as a project has. */
export const MOST_KEYS_USED = 1_000;

/** `keys.used.v1`: when keys of a project were used last at one gateway, since it told before. */
export const keysUsed = z
  .object({
    project: projectId,
    keys: z
      .array(z.object({ id: z.string().min(1).max(64), usedAt: instant }))
      .min(1)
      .max(MOST_KEYS_USED),
  })
  .meta({ id: 'KeysUsed', description: 'When keys were used last, at most once a minute.' });
export type KeysUsed = z.output<typeof keysUsed>;
