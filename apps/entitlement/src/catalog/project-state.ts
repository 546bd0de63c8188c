import {
  type ProjectSnapshot,
  type Scope,
  type Settings,
  settings as settingsShape,
} from '@tallyward/contracts';

/** A key as it is stored: its secret's hash, never its secret. */
export interface ApiKey {
  readonly keyId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the secret, hex. */
  readonly hash: string;
  readonly operator: boolean;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms; null: does not expire. */
  readonly expiresAt: number | null;
}

/** Everything a project's rules look at. */
export interface ProjectState {
  readonly project: string;
  readonly name: string;
  readonly version: number;
  readonly settings: Settings;
  readonly keys: ReadonlyMap<string, ApiKey>;
  /** Model → group. */
  readonly models: ReadonlyMap<string, string>;
  /** Group → the default model somebody chose, or null. */
  readonly groups: ReadonlyMap<string, string | null>;
  /** Tier → its latest version; there are all from 1 on. */
  readonly tiers: ReadonlyMap<string, number>;
}

/** What gateways know of the project. Everything in a fixed order: equal states, equal bytes. */
export function snapshotOf(state: ProjectState): ProjectSnapshot {
  const { project, name, version, settings } = state;
  return {
    project,
    name,
    version,
    settings: settingsShape.parse(settings),
    keys: sorted(state.keys).map(([keyId, key]) => ({
      keyId,
      hash: key.hash,
      name: key.name,
      scopes: [...key.scopes],
      operator: key.operator,
      expiresAt: key.expiresAt,
    })),
    models: Object.fromEntries(sorted(state.models)),
    groups: Object.fromEntries(
      sorted(state.groups).map(([group, defaultModel]) => [group, { defaultModel }]),
    ),
  };
}

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The models of a group, by name. */
export function modelsOf(state: ProjectState, group: string): string[] {
  return [...state.models]
    .filter(([, itsGroup]) => itsGroup === group)
    .map(([model]) => model)
    .sort();
}
