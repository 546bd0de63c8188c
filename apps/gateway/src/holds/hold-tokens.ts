import { HOLD_ID_CHARACTERS } from '@tallyward/contracts';
import { decodeHold, encodeHold, type HoldToken } from '@tallyward/domain';
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** Binds the key to this purpose: no other signature made of the same secret passes for a hold. */
const PURPOSE = 'tallyward hold token v1';
const SIGNATURE_BYTES = 16;
const BASE64URL = /^[A-Za-z0-9_-]+$/;

/**
 * Hold ids: what a hold must tell the gateway that settles it, signed, so that every gateway of
 * this installation takes it and nobody else can make one (PROTOCOL 9).
 */
export class HoldTokens {
  private readonly key: Buffer;

  constructor(secret: string) {
    this.key = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), PURPOSE, 32));
  }

  /** At most HOLD_ID_CHARACTERS, all of them safe in a path; null: the hold has too many parts. */
  sign(token: HoldToken): string | null {
    const bytes = encodeHold(token);
    if (bytes === null) return null;
    return Buffer.concat([bytes, this.signatureOf(bytes)]).toString('base64url');
  }

  /** Null for any text that `sign` did not write, in the same time whatever is wrong with it. */
  read(text: string): HoldToken | null {
    if (text.length > HOLD_ID_CHARACTERS || !BASE64URL.test(text)) return null;
    const all = Buffer.from(text, 'base64url');
    const end = all.length - SIGNATURE_BYTES;
    if (end < 0) return null;
    const bytes = all.subarray(0, end);
    const isOurs = timingSafeEqual(all.subarray(end), this.signatureOf(bytes));
    if (!isOurs || all.toString('base64url') !== text) return null;
    return decodeHold(bytes);
  }

  private signatureOf(bytes: Uint8Array): Buffer {
    return createHmac('sha256', this.key).update(bytes).digest().subarray(0, SIGNATURE_BYTES);
  }
}
