import { createHmac, hkdfSync } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { z } from 'zod';

/** Longest text looked at: a cookie holds no more. */
export const LONGEST_STATEMENT = 4_096;
const KEY_BYTES = 32;

/**
 * Statements that this installation signs for itself and later believes: sessions, tokens. The key
 * is derived for one purpose alone, so a statement made for another passes for nothing here.
 */
export class Statements<S extends z.ZodObject> {
  private readonly key: Buffer;

  constructor(
    secret: string,
    private readonly purpose: string,
    private readonly shape: S,
  ) {
    this.key = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), purpose, KEY_BYTES));
  }

  /** `expiresAt`: epoch ms, kept to the second. Throws where the claims are not of the shape. */
  sign(claims: z.input<S>, expiresAt: number): string {
    const exp = Math.floor(expiresAt / 1_000);
    const payload = { ...this.shape.parse(claims), exp };
    return jwt.sign(payload, this.key, { algorithm: 'HS256', audience: this.purpose });
  }

  /** Undefined for what `sign` did not write for this purpose, or what is over at `now`. */
  read(text: string, now: number): { claims: z.output<S>; expiresAt: number } | undefined {
    if (text.length > LONGEST_STATEMENT) return undefined;
    try {
      const options = { clockTimestamp: Math.floor(now / 1_000), audience: this.purpose };
      const payload = jwt.verify(text, this.key, { algorithms: ['HS256'], ...options });
      // `verify` looks at `exp` only where there is one.
      if (typeof payload === 'string' || payload.exp === undefined) return undefined;
      const claims = this.shape.safeParse(payload).data;
      return claims && { claims, expiresAt: payload.exp * 1_000 };
    } catch {
      // Whatever is wrong with it, the answer is the same: nobody here said so.
      return undefined;
    }
  }

  /** A text that only this installation can make of `value`, for this purpose; base64url. */
  seal(value: string): string {
    return createHmac('sha256', this.key).update(`seal\n${value}`).digest('base64url');
  }
}
