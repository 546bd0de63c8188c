import { DEFAULT_SETTINGS, MAX_PER_PROJECT, MODEL_GROUPS } from '@tallyward/contracts';
import { defaultTier } from '../tiers/stored-tier';
import { decide } from './decide';
import { ROTATED_KEY_MS } from './decide-keys';
import type { Command, Decision } from './decision';
import { begin, evolve } from './evolve';
import type { ApiKey, ProjectState } from './project-state';

const NOW = 1_790_000_000_000;
const minted = (keyId: string) => ({ keyId, hash: keyId.padEnd(64, '0') });

function key(keyId: string, more: Partial<ApiKey> = {}): ApiKey {
  const fresh = { name: keyId, operator: false, createdAt: NOW, expiresAt: null };
  return { ...minted(keyId), ...fresh, scopes: ['admin'], ...more };
}

function project(...keys: ApiKey[]): ProjectState {
  const settings = DEFAULT_SETTINGS;
  return begin(
    { type: 'project.created', project: 'p', name: 'P', settings, groups: MODEL_GROUPS },
    [
      { type: 'tier.created', tier: defaultTier(NOW) },
      ...keys.map((each) => ({ type: 'key.created', key: each }) as const),
    ],
  );
}

function after(state: ProjectState, ...commands: Command[]): ProjectState {
  return commands.reduce((at, command) => {
    const decision = decide(at, command, NOW);
    if (decision.kind === 'refused') throw new Error(decision.refusal.detail);
    return decision.facts.length === 0 ? at : evolve(at, decision.facts);
  }, state);
}

const put = (model: string, group: string): Command => ({ kind: 'put-model', model, group });
const choose = (group: string, defaultModel: string | null): Command => {
  return { kind: 'put-model-group', group, defaultModel };
};
const types = (decision: Decision) =>
  decision.kind === 'decided' ? decision.facts.map(({ type }) => type) : decision.refusal.code;
const refusal = (decision: Decision) =>
  decision.kind === 'refused' ? decision.refusal : undefined;

describe('models and groups', () => {
  it('a new project has the four groups and no models', () => {
    const state = project();
    expect([...state.groups.keys()]).toEqual([...MODEL_GROUPS]);
    expect(state.models.size).toBe(0);
  });

  it('a model goes into a group that exists, and only there', () => {
    expect(types(decide(project(), put('m', 'premium'), NOW))).toEqual(['model.grouped']);
    const refused = refusal(decide(project(), put('m', 'nope'), NOW));
    expect(refused).toMatchObject({ code: 'invalid', pointer: '/group' });
    expect(refused?.detail).toContain('PUT /v1/model-groups');
  });

  it('unclassified can be neither made nor filled by hand', () => {
    expect(types(decide(project(), put('m', 'unclassified'), NOW))).toBe('invalid');
    expect(types(decide(project(), choose('unclassified', null), NOW))).toBe('invalid');
    // `*` means every group, in a limit.
    expect(types(decide(project(), put('m', '*'), NOW))).toBe('invalid');
    expect(types(decide(project(), choose('*', null), NOW))).toBe('invalid');
  });

  it('a name that JSON libraries drop is refused, because no snapshot could carry it', () => {
    expect(types(decide(project(), put('__proto__', 'premium'), NOW))).toBe('invalid');
    expect(types(decide(project(), choose('__proto__', null), NOW))).toBe('invalid');
  });

  it('putting what is there already changes nothing', () => {
    const state = after(project(), put('m', 'premium'), choose('premium', 'm'));
    expect(types(decide(state, put('m', 'premium'), NOW))).toEqual([]);
    expect(types(decide(state, choose('premium', 'm'), NOW))).toEqual([]);
    expect(types(decide(state, choose('standard', null), NOW))).toEqual([]);
  });

  it('a group names only models of its own as its default', () => {
    const state = after(project(), put('m', 'premium'));
    expect(types(decide(state, choose('standard', 'm'), NOW))).toBe('invalid');
    expect(types(decide(state, choose('standard', 'nobody'), NOW))).toBe('invalid');
  });

  it('a chosen default that moves away leaves its group without a choice', () => {
    const state = after(project(), put('m', 'premium'), choose('premium', 'm'));
    const moved = after(state, put('m', 'standard'));
    expect(moved.groups.get('premium')).toBeNull();
    expect(types(decide(state, put('m', 'standard'), NOW))).toEqual([
      'model.grouped',
      'model-group.default-changed',
    ]);
  });

  it('a full catalogue refuses further models and groups, and says what to do', () => {
    const models = new Map(
      Array.from({ length: MAX_PER_PROJECT.models }, (_, i) => [`m${i}`, 'premium']),
    );
    const full: ProjectState = { ...project(), models };
    expect(refusal(decide(full, put('one-more', 'premium'), NOW))?.code).toBe('conflict');
    expect(types(decide(full, put('m1', 'standard'), NOW))).toEqual(['model.grouped']);
    const groups = new Map(
      Array.from({ length: MAX_PER_PROJECT.groups }, (_, i) => [`g${i}`, null]),
    );
    const crowded = refusal(decide({ ...project(), groups }, choose('one-more', null), NOW));
    expect(crowded?.detail).toContain('use one of those');
  });
});

describe('keys', () => {
  const create = (id: string): Command => {
    return { kind: 'create-key', minted: minted(id), name: id, scopes: ['read', 'ingest', 'read'] };
  };

  it('a key has its scopes once each and does not end', () => {
    const made = after(project(), create('k')).keys.get('k');
    expect(made).toMatchObject({ scopes: ['ingest', 'read'], expiresAt: null, operator: false });
  });

  it('a rotated key is good for another 24 hours, and its successor has its scopes', () => {
    const rotate: Command = { kind: 'rotate-key', keyId: 'a', minted: minted('b') };
    const state = after(project(key('a', { scopes: ['ingest'] })), rotate);
    expect(state.keys.get('a')?.expiresAt).toBe(NOW + ROTATED_KEY_MS);
    expect(state.keys.get('b')).toMatchObject({ name: 'a', scopes: ['ingest'], expiresAt: null });
  });

  it('a key that is running out can not be rotated into a fresh one', () => {
    const state = project(key('a', { expiresAt: NOW + 1 }), key('b'));
    const rotate: Command = { kind: 'rotate-key', keyId: 'a', minted: minted('c') };
    expect(refusal(decide(state, rotate, NOW))?.code).toBe('conflict');
  });

  it('an expired key is not there any more', () => {
    const state = project(key('a', { expiresAt: NOW }), key('b'));
    const rotate: Command = { kind: 'rotate-key', keyId: 'a', minted: minted('c') };
    expect(types(decide(state, rotate, NOW))).toBe('not-found');
    expect(types(decide(state, { kind: 'revoke-key', keyId: 'a' }, NOW))).toBe('not-found');
    expect(types(decide(state, { kind: 'drop-expired-keys' }, NOW))).toEqual(['key.expired']);
    expect(types(decide(state, { kind: 'drop-expired-keys' }, NOW - 1))).toEqual([]);
  });

  it('the last admin key that does not end stays', () => {
    const ending = key('b', { expiresAt: NOW + 1_000 });
    const state = project(key('a'), ending, key('c', { scopes: ['ingest'] }));
    const revoke: Command = { kind: 'revoke-key', keyId: 'a' };
    expect(refusal(decide(state, revoke, NOW))?.detail).toContain('another admin key first');
    expect(types(decide(project(key('a'), key('d')), revoke, NOW))).toEqual(['key.revoked']);
    expect(types(decide(state, { kind: 'revoke-key', keyId: 'c' }, NOW))).toEqual(['key.revoked']);
  });

  it('a full project refuses further keys, also by rotation; expired ones do not count', () => {
    const keys = Array.from({ length: MAX_PER_PROJECT.keys }, (_, i) => key(`k${i}`));
    const state = project(...keys);
    expect(refusal(decide(state, create('x'), NOW))?.detail).toContain('DELETE /v1/keys/{id}');
    const rotate: Command = { kind: 'rotate-key', keyId: 'k0', minted: minted('x') };
    expect(types(decide(state, rotate, NOW))).toBe('conflict');
    const [first, ...rest] = keys;
    const freed = project({ ...(first as ApiKey), expiresAt: NOW }, ...rest);
    expect(types(decide(freed, create('x'), NOW))).toEqual(['key.created']);
  });
});

describe('the operator key', () => {
  const ensure = (id: string): Command => ({ kind: 'ensure-operator-key', minted: minted(id) });

  it('is made once, and replaced when the environment changes', () => {
    const state = after(project(), ensure('op'));
    expect(types(decide(state, ensure('op'), NOW))).toEqual([]);
    const replaced = after(state, ensure('new'));
    expect([...replaced.keys.values()].filter((each) => each.operator)).toMatchObject([
      { keyId: 'new', scopes: ['admin'] },
    ]);
    expect(replaced.keys.has('op')).toBe(false);
  });

  it('is replaced also when only its secret changed', () => {
    const state = after(project(), ensure('op'));
    const other: Command = {
      kind: 'ensure-operator-key',
      minted: { keyId: 'op', hash: 'f'.repeat(64) },
    };
    expect(after(state, other).keys.get('op')?.hash).toBe('f'.repeat(64));
  });

  it('can be neither revoked nor rotated through the routes', () => {
    const state = after(project(key('a')), ensure('op'));
    expect(types(decide(state, { kind: 'revoke-key', keyId: 'op' }, NOW))).toBe('conflict');
    const rotate: Command = { kind: 'rotate-key', keyId: 'op', minted: minted('x') };
    expect(refusal(decide(state, rotate, NOW))?.detail).toContain('TALLYWARD_OPERATOR_KEY');
  });

  it('never takes over a key that is none', () => {
    expect(types(decide(project(key('op')), ensure('op'), NOW))).toBe('conflict');
  });
});

describe('settings and versions', () => {
  it('what is left out stays, and the same again changes nothing', () => {
    const change: Command = { kind: 'put-settings', change: { timeZone: 'Europe/Rome' } };
    const state = after(project(), change);
    expect(state.settings).toEqual({ ...DEFAULT_SETTINGS, timeZone: 'Europe/Rome' });
    expect(types(decide(state, change, NOW))).toEqual([]);
  });

  it('how often a project is closed changes as a whole, whatever the order of its fields', () => {
    const closing = { every: 'day', grace: 'PT6H' } as const;
    const state = after(project(), { kind: 'put-settings', change: { closing } });
    expect(state.settings).toEqual({ ...DEFAULT_SETTINGS, closing });
    const turned = { grace: closing.grace, every: closing.every };
    const again: Command = { kind: 'put-settings', change: { closing: turned } };
    expect(types(decide(state, again, NOW))).toEqual([]);
  });

  it('every change makes one version, however many facts it has', () => {
    const state = after(project(), put('m', 'premium'), choose('premium', 'm'));
    expect(after(state, put('m', 'standard')).version).toBe(state.version + 1);
  });

  it('a version is raised above what the log knows, and never lowered', () => {
    const raise = (above: number): Command => ({ kind: 'raise-version', above });
    expect(after(project(), raise(57)).version).toBe(58);
    expect(types(decide(after(project(), raise(57)), raise(10), NOW))).toEqual([]);
  });
});
