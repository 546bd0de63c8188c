import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { failed } from './errors';

const tooLarge = (limit: number): Error =>
  failed(307, 'TOO_MANY_BYTES', `Request body is larger than ${limit} bytes`);

function unpacked(request: IncomingMessage): Readable {
  const encoding = (request.headers['content-encoding'] ?? '').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return request;
  const unpack =
    encoding === 'gzip' || encoding === 'x-gzip'
      ? createGunzip()
      : encoding === 'deflate'
        ? createInflate()
        : encoding === 'br'
          ? createBrotliDecompress()
          : undefined;
  if (!unpack) {
    throw failed(48, 'NOT_IMPLEMENTED', `Content-Encoding '${encoding}' is not supported here`);
  }
  request.on('error', (error) => unpack.destroy(error));
  return request.pipe(unpack);
}

/** The whole body, unpacked; at most `limit` bytes, as sent and as unpacked, within `withinMs`. */
export async function readBody(
  request: IncomingMessage,
  limit: number,
  withinMs: number,
): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  const chunks: Buffer[] = [];
  let size = 0;
  const late = setTimeout(() => request.destroy(new Error('the body came too slowly')), withinMs);
  try {
    for await (const chunk of unpacked(request)) {
      const bytes = chunk as Buffer;
      size += bytes.length;
      if (size > limit) throw tooLarge(limit);
      chunks.push(bytes);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (/^Z_|^ERR_/.test(code)) {
      throw failed(354, 'ZLIB_INFLATE_FAILED', `Cannot unpack the request's body: ${code}`);
    }
    throw error;
  } finally {
    clearTimeout(late);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
}
