import { z } from 'zod';
import { instant } from './names';

/** What pages show, by what makes it change. */
export const CHANGE_KINDS = [
  'usage',
  'decisions',
  'customers',
  'tiers',
  'settings',
  'keys',
  'models',
  'billing',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** The data of an event `changed`. */
export const changed = z
  .object({ kinds: z.array(z.enum(CHANGE_KINDS)).min(1), at: instant })
  .meta({ id: 'Changed', description: 'What to read anew.' });
export type Changed = z.output<typeof changed>;
