import { HOLD_ID_CHARACTERS } from '@tallyward/contracts';
import { decodeHold, encodeHold, type HoldToken, MAX_TOKEN_BYTES } from '@tallyward/domain';
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** Binds keys to this purpose: no other signature made of the same secret passes for a hold. */
const PURPOSE = 'tallyward hold token v1';
const SIGNATURE_BYTES = 16;
const BASE64URL = /^[A-Za-z0-9_-]+$/;

/**
 * Hold ids: what a hold must tell the gateway that settles it, signed, so that every gateway of
 * this installation takes it and nobody else can make one (PROTOCOL 9). Each project has a key of
 * its own: a token of another project is a forged one, and nothing tells the two apart.
 */
export class HoldTokens {
  private readonly keys = new Map<string, Buffer>();
  private readonly bytes = Buffer.alloc(MAX_TOKEN_BYTES + SIGNATURE_BYTES);

  constructor(private readonly secret: string) {}

  /** At most HOLD_ID_CHARACTERS, safe in a path; null: its names are too long or parts too many. */
  sign(token: HoldToken, project: string): string | null {
    const length = encodeHold(token, this.bytes.subarray(0, MAX_TOKEN_BYTES));
    if (length === null) return null;
    const end = length + SIGNATURE_BYTES;
    this.signatureOf(this.bytes.subarray(0, length), project).copy(this.bytes, length);
    return this.bytes.toString('base64url', 0, end);
  }

  /** Null for a text that `sign` did not write for this project, whatever is wrong with it. */
  read(text: string, project: string): HoldToken | null {
    if (text.length > HOLD_ID_CHARACTERS || !BASE64URL.test(text)) return null;
    const all = Buffer.from(text, 'base64url');
    const end = all.length - SIGNATURE_BYTES;
    // Base64 has several spellings of the same bytes; a hold has one.
    if (end < 0 || all.toString('base64url') !== text) return null;
    const bytes = all.subarray(0, end);
    if (!timingSafeEqual(all.subarray(end), this.signatureOf(bytes, project))) return null;
    return decodeHold(bytes);
  }

  private signatureOf(bytes: Uint8Array, project: string): Buffer {
    const hmac = createHmac('sha256', this.keyOf(project)).update(bytes);
    return hmac.digest().subarray(0, SIGNATURE_BYTES);
  }

  /** As many as there are projects: whoever calls has a key of one. */
  private keyOf(project: string): Buffer {
    const known = this.keys.get(project);
    if (known) return known;
    const info = `${PURPOSE}\n${project}`;
    const made = Buffer.from(hkdfSync('sha256', this.secret, Buffer.alloc(0), info, 32));
    this.keys.set(project, made);
    return made;
  }
}
