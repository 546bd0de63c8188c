import type { ProblemCode, Scope, Settings } from '@tallyward/contracts';
import type { CatalogFact } from './facts';

/** A key before it has a name and scopes. */
export interface MintedKey {
  readonly keyId: string;
  readonly hash: string;
}

export type Command =
  | {
      readonly kind: 'create-key';
      readonly minted: MintedKey;
      readonly name: string;
      readonly scopes: readonly Scope[];
    }
  | { readonly kind: 'rotate-key'; readonly keyId: string; readonly minted: MintedKey }
  | { readonly kind: 'revoke-key'; readonly keyId: string }
  | { readonly kind: 'put-model'; readonly model: string; readonly group: string }
  | {
      readonly kind: 'put-model-group';
      readonly group: string;
      readonly defaultModel: string | null;
    }
  | { readonly kind: 'put-settings'; readonly change: Partial<Settings> }
  | { readonly kind: 'drop-expired-keys' }
  | { readonly kind: 'ensure-operator-key'; readonly minted: MintedKey }
  | { readonly kind: 'raise-version'; readonly above: number };

export type CommandOf<K extends Command['kind']> = Extract<Command, { readonly kind: K }>;

/** Why a command is refused; `pointer` is the place in the body, where it lies there. */
export interface Refusal {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly pointer?: string;
  /** Faults at several places of the body. */
  readonly errors?: readonly FieldFault[];
  readonly retryAfterSeconds?: number;
}

/** What is wrong at one place of the body. */
export type FieldFault = {
  readonly code: string;
  readonly detail: string;
  readonly pointer: string;
};

export type Refused = { readonly kind: 'refused'; readonly refusal: Refusal };

/** No facts: everything is as wanted already. */
export type Decision =
  { readonly kind: 'decided'; readonly facts: readonly CatalogFact[] } | Refused;

export function decided(...facts: readonly CatalogFact[]): Decision {
  return { kind: 'decided', facts };
}

export function refused(code: ProblemCode, detail: string, pointer?: string): Refused {
  return { kind: 'refused', refusal: { code, detail, ...(pointer ? { pointer } : {}) } };
}
