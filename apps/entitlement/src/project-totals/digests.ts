import { proofOfDigest, proofText, type UsageEvent } from '@tallyward/domain';
import { hash } from 'node:crypto';
import { KEY_BYTES } from '../storage/totals/keys';

const KEY_DIGITS = 2 * KEY_BYTES;

/** The stored key of an identity's text: the first 16 bytes of its SHA-256, as hex digits. */
export function identityKey(text: string): string {
  return hash('sha256', text, 'hex').slice(0, KEY_DIGITS);
}

/** The stored part of a content hash (64 hex digits). */
export function contentKey(content: string): string {
  return content.slice(0, KEY_DIGITS);
}

const digest = Buffer.alloc(16);

/** An event's proof: MD5 over its proof text, as a number. */
export function proofOf(event: UsageEvent): bigint {
  // Through a text and one buffer for all: half the time of a buffer for each.
  digest.write(hash('md5', proofText(event), 'binary'), 'binary');
  return proofOfDigest(digest);
}
