import type { CatalogFact } from './facts';
import type { ApiKey, ProjectState } from './project-state';

/** The state after a change: its facts applied in order, and one version more. */
export function evolve(state: ProjectState, facts: readonly CatalogFact[]): ProjectState {
  const next = facts.reduce(apply, { ...state, version: state.version + 1 });
  const raised = facts.find((fact) => fact.type === 'project.version-raised');
  return raised ? { ...next, version: raised.to } : next;
}

/** The state a project begins with: version 1. */
export function begin(
  created: Extract<CatalogFact, { type: 'project.created' }>,
  further: readonly CatalogFact[],
): ProjectState {
  const { project, name, settings, groups } = created;
  const empty: ProjectState = {
    project,
    name,
    version: 1,
    settings,
    keys: new Map(),
    models: new Map(),
    groups: new Map(groups.map((group) => [group, null])),
    tiers: new Map(),
  };
  return further.reduce(apply, empty);
}

function apply(state: ProjectState, fact: CatalogFact): ProjectState {
  switch (fact.type) {
    case 'project.created':
      throw new Error('A project begins once');
    case 'key.created':
      return withKey(state, fact.key);
    case 'key.rotated':
      return withKey(state, { ...fact.key, expiresAt: fact.expiresAt });
    case 'key.revoked':
    case 'key.expired':
      return { ...state, keys: without(state.keys, fact.key.keyId) };
    case 'model.grouped':
      return { ...state, models: new Map(state.models).set(fact.model, fact.to) };
    case 'model-group.created':
      return { ...state, groups: new Map(state.groups).set(fact.group, null) };
    case 'model-group.default-changed':
      return { ...state, groups: new Map(state.groups).set(fact.group, fact.to) };
    case 'tier.created':
    case 'tier.cloned':
      return { ...state, tiers: new Map(state.tiers).set(fact.tier.name, fact.tier.version) };
    case 'settings.changed':
      return { ...state, settings: fact.after };
    case 'tier.edited':
    case 'project.version-raised':
      return state;
  }
}

function withKey(state: ProjectState, key: ApiKey): ProjectState {
  return { ...state, keys: new Map(state.keys).set(key.keyId, key) };
}

function without<T>(map: ReadonlyMap<string, T>, key: string): Map<string, T> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}
