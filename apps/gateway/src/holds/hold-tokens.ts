import { HOLD_ID_CHARACTERS } from '@tallyward/contracts';
import { decodeHold, encodeHold, type HoldToken, MAX_TOKEN_BYTES } from '@tallyward/domain';
import { hkdfSync, timingSafeEqual } from 'node:crypto';
import { KeyedHash, SignedBytes } from './keyed-hash';

/** Binds keys to this purpose: no other signature made of the same secret passes for a hold. */
const PURPOSE = 'tallyward hold token v1';
const SIGNATURE_BYTES = 16;
/** Of the holds that this process signed, the last so many at least need not be read anew. */
const SIGNED_KEPT = 10_000;
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
  private readonly keys = new Map<string, KeyedHash>();
  private readonly bytes = new SignedBytes(MAX_TOKEN_BYTES + SIGNATURE_BYTES);
  /** The part of them that a token's own may fill. */
  private readonly body = this.bytes.body.subarray(0, MAX_TOKEN_BYTES);
  private signed = new Map<string, Signed>();
  private signedBefore = new Map<string, Signed>();

  constructor(private readonly secret: string) {}

  /** At most HOLD_ID_CHARACTERS, safe in a path; null: its names are too long or parts too many. */
  sign(token: HoldToken, project: string): string | null {
    const length = encodeHold(token, this.body);
    if (length === null) return null;
    const { body } = this.bytes;
    const signature = this.keyOf(project).of(this.bytes, length);
    body.write(signature, length, SIGNATURE_BYTES, 'latin1');
    const text = body.toString('base64url', 0, length + SIGNATURE_BYTES);
    this.remember(text, { token, project });
    return text;
  }

  /** Null for a text that `sign` did not write for this project, whatever is wrong with it. */
  read(text: string, project: string): HoldToken | null {
    const own = this.signed.get(text) ?? this.signedBefore.get(text);
    if (own?.project === project) return own.token;
    if (text.length > HOLD_ID_CHARACTERS || !BASE64URL.test(text)) return null;
    const all = Buffer.from(text, 'base64url');
    const end = all.length - SIGNATURE_BYTES;
    // Base64 has several spellings of the same bytes; a hold has one.
    if (end < 0 || all.toString('base64url') !== text) return null;
    this.bytes.body.set(all.subarray(0, end));
    const signature = Buffer.from(this.keyOf(project).of(this.bytes, end), 'latin1');
    if (!timingSafeEqual(all.subarray(end), signature.subarray(0, SIGNATURE_BYTES))) return null;
    return decodeHold(all.subarray(0, end));
  }

  private remember(text: string, signed: Signed): void {
    if (this.signed.size >= SIGNED_KEPT) {
      this.signedBefore = this.signed;
      this.signed = new Map();
    }
    this.signed.set(text, signed);
  }

  /** As many as there are projects: whoever calls has a key of one. */
  private keyOf(project: string): KeyedHash {
    const known = this.keys.get(project);
    if (known) return known;
    const info = `${PURPOSE}\n${project}`;
    const bytes = hkdfSync('sha256', this.secret, Buffer.alloc(0), info, 32);
    const made = new KeyedHash(new Uint8Array(bytes));
    this.keys.set(project, made);
    return made;
  }
}
