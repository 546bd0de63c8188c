import type { FastifyInstance } from 'fastify';
import { platformProblem } from './problem';

const NOT_JSON = 'The body is not valid JSON in UTF-8.';
const POISON =
  'No field may be called __proto__, and no constructor may hold a prototype: rename them.';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The content types that a service takes: `application/json` parsed, those of `rawBodies` as a
 * Buffer. Any other content type is refused (415). An empty JSON body is `undefined`: DELETE
 * often comes with a content type and no body, and a route that needs a body finds it missing
 * when it validates.
 */
export function useBodyParsers(
  fastify: FastifyInstance,
  rawBodies: readonly string[],
  bodyLimit: number,
): void {
  fastify.removeAllContentTypeParsers();
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit },
    (request, body, done) => {
      if (body.length === 0) return done(null, undefined);
      try {
        const text = strictUtf8.decode(body as Buffer);
        parseJson(request, text, (error, value) =>
          done(error === null ? null : unreadable(isJson(text) ? POISON : NOT_JSON), value),
        );
      } catch {
        done(unreadable(NOT_JSON) as never);
      }
    },
  );
  for (const type of rawBodies)
    fastify.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit }, (_request, body, done) =>
      done(null, body),
    );
}

/** Asked of what was refused: it was its names then. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A Problem goes through Fastify's error handler like an error, and is answered as it is. */
const unreadable = (detail: string): Error =>
  platformProblem('bad-request', { detail }) as unknown as Error;
