import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals an answer with AES-256-GCM, so that an API key in it is readable neither from the database
 * nor from a copy of it: the key is derived from the service's secret *and* from the client's
 * idempotency key, which is kept nowhere.
 */
export function seal(text: string, secret: string, idempotencyKey: string): Buffer {
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyFor(secret, idempotencyKey, salt), nonce);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([salt, nonce, cipher.getAuthTag(), sealed]);
}

/** The text, or null where it was sealed with another secret (which was changed since). */
export function unseal(sealed: Buffer, secret: string, idempotencyKey: string): string | null {
  const nonceAt = SALT_BYTES;
  const tagAt = nonceAt + NONCE_BYTES;
  const textAt = tagAt + TAG_BYTES;
  const key = keyFor(secret, idempotencyKey, sealed.subarray(0, nonceAt));
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(nonceAt, tagAt));
  decipher.setAuthTag(sealed.subarray(tagAt, textAt));
  try {
    const text = Buffer.concat([decipher.update(sealed.subarray(textAt)), decipher.final()]);
    return text.toString('utf8');
  } catch {
    return null;
  }
}

function keyFor(secret: string, idempotencyKey: string, salt: Uint8Array): Buffer {
  const info = `tallyward idempotent answer v1 ${idempotencyKey}`;
  return Buffer.from(hkdfSync('sha256', secret, salt, info, 32));
}
