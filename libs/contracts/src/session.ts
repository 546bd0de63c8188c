import { z } from 'zod';
import { scopes } from './catalogue';
import { instant, name, projectId, textUpTo } from './names';

/** Holds a browser's session: signed, and no secret of the key. */
export const SESSION_COOKIE = 'tallyward_session';
/** How long a session lasts; then its key is asked for again. */
export const SESSION_TTL_S = 12 * 3_600;
/** Goes with whatever a session changes: another site can't read what belongs in it. */
export const CSRF_HEADER = 'x-tallyward-csrf';

/** Longer than any API key. */
const KEY_BYTES = 256;

export const sessionRequest = z.strictObject({
  key: textUpTo(KEY_BYTES).meta({ description: 'The API key to sign in with.' }),
});

/** Who is signed in, and what they may do. */
export const session = z
  .object({
    name: name.meta({ description: "The key's name, the actor of what it changes." }),
    project: projectId,
    timeZone: z.string().meta({ description: "The project's time zone." }),
    scopes: z.union([scopes, z.array(z.never()).length(0)]).meta({
      description: "None: a customer's token, which reads what is its customer's.",
    }),
    operator: z.boolean().meta({ description: 'Whether it is the operator key.' }),
    customer: name.nullable().meta({ description: 'Whose token it is; null: a key.' }),
    expiresAt: instant.nullable().meta({ description: 'Null: does not expire.' }),
    csrf: z
      .string()
      .nullable()
      .meta({
        description: `What ${CSRF_HEADER} is to say; null: the request came with no cookie.`,
      }),
  })
  .meta({ id: 'Session' });
export type SessionAnswer = z.output<typeof session>;
