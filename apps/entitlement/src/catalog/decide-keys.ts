import { MAX_PER_PROJECT, type Scope } from '@tallyward/contracts';
import { type CommandOf, decided, type Decision, type MintedKey, refused } from './decision';
import type { ApiKey, ProjectState } from './project-state';

/** How long a rotated key goes on being good. */
export const ROTATED_KEY_MS = 24 * 3_600_000;

export function createKey(
  state: ProjectState,
  { minted, name, scopes }: CommandOf<'create-key'>,
  now: number,
): Decision {
  const full = noRoomForKey(state, now);
  if (full) return full;
  return decided({ type: 'key.created', key: newKey(minted, name, inOrder(scopes), now) });
}

export function rotateKey(
  state: ProjectState,
  { keyId, minted }: CommandOf<'rotate-key'>,
  now: number,
): Decision {
  const key = goodKey(state, keyId, now);
  if (!key) return refused('not-found', 'This project has no such key.');
  if (key.operator) return refused('conflict', OPERATOR_KEY);
  if (key.expiresAt !== null) {
    const until = new Date(key.expiresAt).toISOString();
    return refused(
      'conflict',
      `The key was rotated before and ends at ${until}: rotate the one that took its place.`,
    );
  }
  const full = noRoomForKey(state, now);
  if (full) return full;
  const expiresAt = now + ROTATED_KEY_MS;
  return decided(
    { type: 'key.created', key: newKey(minted, key.name, key.scopes, now) },
    { type: 'key.rotated', key, successor: minted.keyId, expiresAt },
  );
}

const OPERATOR_KEY =
  'The operator key comes from TALLYWARD_OPERATOR_KEY: change that and start entitlement again.';

export function revokeKey(state: ProjectState, keyId: string, now: number): Decision {
  const key = goodKey(state, keyId, now);
  if (!key) return refused('not-found', 'This project has no such key.');
  if (key.operator) return refused('conflict', OPERATOR_KEY);
  const others = [...state.keys.values()].filter((other) => other.keyId !== keyId);
  if (isLastingAdmin(key) && !others.some(isLastingAdmin)) {
    return refused(
      'conflict',
      'It is the last admin key of the project that does not end: nobody could manage the ' +
        'project any more. Make another admin key first, or rotate this one.',
    );
  }
  return decided({ type: 'key.revoked', key });
}

/** The one operator key is what the environment says; whatever was it before is revoked. */
export function ensureOperatorKey(state: ProjectState, minted: MintedKey, now: number): Decision {
  const present = state.keys.get(minted.keyId);
  if (present && !present.operator) {
    return refused('conflict', `Key ${minted.keyId} exists and is no operator key.`);
  }
  const old = [...state.keys.values()].filter((key) => key.operator);
  if (present?.hash === minted.hash && old.length === 1) return decided();
  const key = { ...newKey(minted, 'operator', ['admin'], now), operator: true };
  return decided(...old.map((gone) => ({ type: 'key.revoked', key: gone }) as const), {
    type: 'key.created',
    key,
  });
}

function newKey(minted: MintedKey, name: string, scopes: readonly Scope[], now: number): ApiKey {
  const { keyId, hash } = minted;
  return { keyId, hash, name, scopes, operator: false, createdAt: now, expiresAt: null };
}

/** Without repeats, as they stand in the contract. */
function inOrder(scopes: readonly Scope[]): Scope[] {
  return [...new Set(scopes)].sort();
}

export function isExpired(key: ApiKey, now: number): boolean {
  return key.expiresAt !== null && key.expiresAt <= now;
}

function expired(state: ProjectState, now: number): ApiKey[] {
  return [...state.keys.values()].filter((key) => isExpired(key, now));
}

function goodKey(state: ProjectState, keyId: string, now: number): ApiKey | undefined {
  const key = state.keys.get(keyId);
  return key && !isExpired(key, now) ? key : undefined;
}

function isLastingAdmin(key: ApiKey): boolean {
  return key.scopes.includes('admin') && key.expiresAt === null;
}

function noRoomForKey(state: ProjectState, now: number): Decision | null {
  if (state.keys.size - expired(state, now).length < MAX_PER_PROJECT.keys) return null;
  const detail = `A project has at most ${MAX_PER_PROJECT.keys} keys: DELETE /v1/keys/{id} those that nobody uses.`;
  return refused('conflict', detail);
}

export function dropExpiredKeys(state: ProjectState, now: number): Decision {
  return decided(...expired(state, now).map((key) => ({ type: 'key.expired', key }) as const));
}
