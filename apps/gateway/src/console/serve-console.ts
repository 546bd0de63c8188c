import { isUtf8MimeType, mime, send, type FileSendResult } from '@fastify/send';
import type { ServiceLogger } from '@tallyward/platform';
import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { resolve } from 'node:path';
import { ASSETS, headersOf, WIDGET } from './console-headers';
import { PAGE, pageOf } from './page';

/** Addresses of the interface: one that is not there is a problem, never a page. */
const INTERFACE = /^\/(?:v1|healthz|readyz|metrics|openapi\.json|asyncapi\.json)(?:\/|$)/;
/** Plain names alone: nothing hidden, nothing that leads out of the folder. */
const FILE = /^(?:\/[\w$@~-][\w.$@~-]*)+$/;
const AT_THE_ROOT = /^\/[^/]+\.[a-z0-9]+$/;
/** As the build may have packed a file, beside it; the first that a client takes. */
const PACKED = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/** Whole files, whose type and age are told by others. */
const AS_IT_IS = {
  index: false,
  dotfiles: 'ignore',
  cacheControl: false,
  contentType: false,
  acceptRanges: false,
} as const;

/**
 * Serves the console from a folder, at every address that no route has: its files, and its one page
 * for the rest, where the console itself finds the way. No route is made for it, which would take
 * in what the interface's routes leave. A folder that is not there, as while it is built anew, is
 * 404 and stops nothing else.
 */
export function serveConsole(
  fastify: FastifyInstance,
  directory: string,
  lines: ServiceLogger,
): void {
  const root = resolve(directory);
  fastify.addHook('onRequest', async (request, reply) => {
    if (!request.is404 || (request.method !== 'GET' && request.method !== 'HEAD')) return;
    const path = request.url.split('?', 1)[0] ?? '/';
    if (INTERFACE.test(path)) return;
    const isNamed = path.startsWith(ASSETS) || path === WIDGET;
    const isFile = (isNamed || AT_THE_ROOT.test(path)) && FILE.test(path) && path !== PAGE;
    const sent = isFile ? await openFile(request.raw, path, root) : undefined;
    if (sent) {
      void reply.code(sent.statusCode).headers({ ...sent.headers, ...headersOf(path) });
      return reply.send(sent.stream);
    }
    const page = isNamed ? undefined : await pageOf(root);
    if (page) return reply.code(200).headers(page.headers).send(page.body);
  });
  void pageOf(root).then((page) => {
    if (!page) lines.warn({}, 'TALLYWARD_CONSOLE_DIR holds no index.html yet: no console');
  });
}

type OpenedFile = Pick<FileSendResult, 'statusCode' | 'headers' | 'stream'>;

/** Undefined where there is no such file. */
async function openFile(
  request: IncomingMessage,
  file: string,
  root: string,
): Promise<OpenedFile | undefined> {
  const taken = String(request.headers['accept-encoding'] ?? '');
  const packed = PACKED.filter(([encoding]) => new RegExp(`\\b${encoding}\\b`).test(taken));
  for (const [encoding, ending] of [...packed, [null, ''] as const]) {
    const found = await send(request, file + ending, { root, ...AS_IT_IS });
    if (found.type === 'file') {
      const { statusCode, stream } = found;
      const coded: Record<string, string> =
        encoding === null ? {} : { 'content-encoding': encoding };
      const named = { 'content-type': typeOf(file), vary: 'accept-encoding' };
      return { statusCode, stream, headers: { ...found.headers, ...named, ...coded } };
    }
    found.stream.destroy();
  }
  return undefined;
}

function typeOf(file: string): string {
  const type = mime.getType(file) ?? 'application/octet-stream';
  return isUtf8MimeType(type) ? `${type}; charset=utf-8` : type;
}
