import { MAX_BODY_BYTES, MAX_JSON_DEPTH } from '@tallyward/contracts';
import type { Problem } from '@tallyward/platform';
import type { FastifyRequest } from 'fastify';
import { gatewayProblem } from '../gateway-problem';
import { readJson } from '../record-usage/json-text';
import { readBody } from '../record-usage/read-body';

const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/** A body of plain JSON, or what is wrong with it: nothing in it is believed yet. */
export async function readJsonBody(
  request: FastifyRequest,
): Promise<{ readonly json: unknown } | Problem> {
  const { headers } = request;
  if (!JSON_TYPE.test(headers['content-type'] ?? '')) return unsupported();
  const body = await readBody(request.body, headers);
  if (body.kind === 'unknown-encoding') return unsupported();
  if (body.kind === 'too-large') {
    return gatewayProblem('body-too-large', { detail: `At most ${MAX_BODY_BYTES} bytes.` });
  }
  if (body.kind === 'fault') return gatewayProblem('bad-request', { detail: body.detail });
  const read = readJson(body.bytes, MAX_JSON_DEPTH);
  if (read.kind === 'fault') return gatewayProblem('bad-request', { detail: read.detail });
  return { json: read.value };
}

function unsupported(): Problem {
  return gatewayProblem('unsupported-media-type', {
    detail: 'Send application/json in UTF-8, plain or with Content-Encoding gzip.',
    headers: { 'accept-encoding': 'gzip' },
  });
}
