import { z } from 'zod';

/** Shortest secret taken: 32 characters, 256 bits when they are hexadecimal pairs or base64. */
export const SHORTEST_SECRET = 32;
/** Most entries of a comma list. */
export const LONGEST_LIST = 64;

const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().int().min(from).max(to));

/** The shapes that the environment's variables have; every `describe` says what to do. */
export const environmentField = {
  port: () => wholeNumber(1, 65_535).describe('set it to a port number, 1 to 65535'),

  wholeNumber: (from: number, to: number) =>
    wholeNumber(from, to).describe(`set it to a whole number from ${from} to ${to}`),

  ratio: () =>
    z
      .string()
      .regex(/^(0(\.\d{1,9})?|1(\.0{1,9})?)$/)
      .transform(Number)
      .describe('set it to a number from 0 to 1'),

  url: (...schemes: readonly string[]) =>
    z
      .string()
      .refine((value) => URL.canParse(value) && schemes.includes(new URL(value).protocol))
      .describe(`set it to an address like ${schemes[0] ?? 'http:'}//host:port`),

  secret: () =>
    z
      .string()
      .min(SHORTEST_SECRET)
      .describe(`set it to a random text of at least ${SHORTEST_SECRET} characters`),

  name: () =>
    z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/)
      .describe('set it to a name of at most 63 letters, digits, dots, dashes or underscores'),

  /** `host:port,host:port` */
  hostList: () =>
    z
      .string()
      .transform((value) => value.split(',').map((part) => part.trim()))
      .pipe(
        z
          .array(z.string().regex(/^[^\s:/@]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/))
          .max(LONGEST_LIST),
      )
      .describe(`set it to one to ${LONGEST_LIST} host:port, separated by commas`),

  path: () => z.string().max(4_096).describe('set it to the path of a file'),

  oneOf: <const T extends readonly [string, ...string[]]>(...words: T) =>
    z.enum(words).describe(`set it to one of ${words.join(', ')}`),
};
