import { createHash, randomInt } from 'node:crypto';
import type { MintedKey } from './decision';

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const SECRET_LETTERS = `${ID_LETTERS}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;
const ID_LENGTH = 16;
/** 256 bits: guessing one is hopeless, so a plain SHA-256 of it is enough. */
const SECRET_LENGTH = 43;

/** A new API key: what is stored of it, and its text, which is shown once and kept nowhere. */
export function mintKey(): { readonly minted: MintedKey; readonly text: string } {
  const keyId = letters(ID_LETTERS, ID_LENGTH);
  const secret = letters(SECRET_LETTERS, SECRET_LENGTH);
  return { minted: { keyId, hash: hashOfSecret(secret) }, text: `tw_${keyId}_${secret}` };
}

export function hashOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

const PROJECT_WORDS = 40;
const PROJECT_SUFFIX = 8;

/** A project's id: readable from its name, and never one that exists. */
export function mintProjectId(name: string): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, PROJECT_WORDS)
    .replace(/^-+|-+$/g, '');
  return `${words === '' ? 'project' : words}-${letters(ID_LETTERS, PROJECT_SUFFIX)}`;
}

function letters(from: string, count: number): string {
  return Array.from({ length: count }, () => from[randomInt(from.length)]).join('');
}
