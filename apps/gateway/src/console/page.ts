import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pageHeaders } from './console-headers';

export const PAGE = '/index.html';
const NONCE_BYTES = 16;
/** Stands in the built page where the nonce of an answer goes: the build is told the same word. */
const PLACEHOLDER = /tallyward-nonce/g;

export interface Page {
  readonly body: string;
  readonly headers: Record<string, string>;
}

/** The console's one page, with a nonce that was never used before; undefined where it is not. */
export async function pageOf(root: string): Promise<Page | undefined> {
  const text = await readFile(join(root, PAGE), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const nonce = randomBytes(NONCE_BYTES).toString('base64');
  return { body: text.replace(PLACEHOLDER, nonce), headers: pageHeaders(nonce) };
}
