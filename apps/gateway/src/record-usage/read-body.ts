import { MAX_BODY_BYTES } from '@tallyward/contracts';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

export type ReadBody =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'unknown-encoding' }
  | { readonly kind: 'fault'; readonly detail: string };

const inflate = promisify(gunzip);

/** Reads a whole body of at most MAX_BODY_BYTES, also after gzip is undone. */
export async function readBody(body: unknown, headers: IncomingHttpHeaders): Promise<ReadBody> {
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip') return { kind: 'unknown-encoding' };
  if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) return { kind: 'too-large' };
  const read = await collect(body as Readable | null | undefined);
  return read.kind === 'bytes' && encoding === 'gzip' ? inflated(read.bytes) : read;
}

function collect(body: Readable | null | undefined): Promise<ReadBody> {
  if (!body) return Promise.resolve({ kind: 'bytes', bytes: Buffer.alloc(0) });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (result: ReadBody): void => {
      body.removeAllListeners('data');
      // What a too large body still brings is read and forgotten, so that the answer gets through.
      body.resume();
      resolve(result);
    };
    body.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) end({ kind: 'too-large' });
      else chunks.push(chunk);
    });
    body.once('end', () => end({ kind: 'bytes', bytes: Buffer.concat(chunks, size) }));
    body.once('error', () => end({ kind: 'fault', detail: 'The body broke off.' }));
    body.once('close', () => end({ kind: 'fault', detail: 'The body broke off.' }));
  });
}

async function inflated(bytes: Buffer): Promise<ReadBody> {
  try {
    return { kind: 'bytes', bytes: await inflate(bytes, { maxOutputLength: MAX_BODY_BYTES }) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ERR_BUFFER_TOO_LARGE'
      ? { kind: 'too-large' }
      : { kind: 'fault', detail: 'The body is not valid gzip.' };
  }
}
