import { HOLD_ID_CHARACTERS } from '@tallyward/contracts';
import { decodeHold, encodeHold, type HoldToken, MAX_TOKEN_BYTES } from '@tallyward/domain';
import { LRUCache } from 'lru-cache';
import {
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';

/** Binds keys to this purpose: no other signature made of the same secret passes for a hold. */
const PURPOSE = 'tallyward hold token v1';
const SIGNATURE_BYTES = 16;
/** Of the holds that this process signed, the last so many need not be read from their bytes. */
const MOST_SIGNED = 20_000;
const BASE64URL = /^[A-Za-z0-9_-]+$/;

interface Signed {
  readonly token: HoldToken;
  readonly project: string;
}

/**
 * Hold ids: what a hold must tell the gateway that settles it, signed, so that every gateway of
 * this installation takes it and nobody else can make one (PROTOCOL 9). Each project has a key of
 * its own: a token of another project is a forged one, and nothing tells the two apart.
 */
export class HoldTokens {
  private readonly keys = new Map<string, KeyObject>();
  private readonly signed = new LRUCache<string, Signed>({ max: MOST_SIGNED });
  /** What is being signed; and the part of it that a token's own bytes may fill. */
  private readonly bytes = Buffer.alloc(MAX_TOKEN_BYTES + SIGNATURE_BYTES);
  private readonly body = this.bytes.subarray(0, MAX_TOKEN_BYTES);

  constructor(private readonly secret: string) {}

  /** At most HOLD_ID_CHARACTERS, safe in a path; null: its names are too long or parts too many. */
  sign(token: HoldToken, project: string): string | null {
    const length = encodeHold(token, this.body);
    if (length === null) return null;
    this.bytes.set(this.signatureOf(this.bytes, length, project), length);
    const text = this.bytes.toString('base64url', 0, length + SIGNATURE_BYTES);
    this.signed.set(text, { token, project });
    return text;
  }

  /** Null for a text that `sign` did not write for this project, whatever is wrong with it. */
  read(text: string, project: string): HoldToken | null {
    const own = this.signed.get(text);
    if (own?.project === project) return own.token;
    if (text.length > HOLD_ID_CHARACTERS || !BASE64URL.test(text)) return null;
    const all = Buffer.from(text, 'base64url');
    const end = all.length - SIGNATURE_BYTES;
    // Base64 has several spellings of the same bytes; a hold has one.
    if (end < 0 || all.toString('base64url') !== text) return null;
    const signature = this.signatureOf(all, end, project);
    if (!timingSafeEqual(all.subarray(end), signature)) return null;
    return decodeHold(all.subarray(0, end));
  }

  private signatureOf(bytes: Uint8Array, length: number, project: string): Uint8Array {
    const hmac = createHmac('sha256', this.keyOf(project));
    return hmac.update(bytes.subarray(0, length)).digest().subarray(0, SIGNATURE_BYTES);
  }

  /** As many as there are projects: whoever calls has a key of one. */
  private keyOf(project: string): KeyObject {
    const known = this.keys.get(project);
    if (known) return known;
    const info = `${PURPOSE}\n${project}`;
    const bytes = hkdfSync('sha256', this.secret, Buffer.alloc(0), info, 32);
    const made = createSecretKey(new Uint8Array(bytes));
    this.keys.set(project, made);
    return made;
  }
}
