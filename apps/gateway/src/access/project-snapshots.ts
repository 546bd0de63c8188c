import {
  durationMs,
  projectSnapshot,
  type ProjectSnapshot,
  type Scope,
  type TierReference,
} from '@tallyward/contracts';
import { defaultModelOf, HORIZON_MS } from '@tallyward/domain';
import { readSnapshot } from './read-snapshot';

export interface KnownKey {
  readonly keyId: string;
  /** SHA-256 of the secret. */
  readonly hash: Buffer;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly operator: boolean;
  /** Epoch ms; null: does not expire. */
  readonly expiresAt: number | null;
}

/** A project as its newest snapshot says, in the shape that requests ask for. */
export interface KnownProject {
  readonly project: string;
  readonly version: number;
  readonly timeZone: string;
  readonly latenessMs: number;
  readonly models: ReadonlyMap<string, string>;
  /** Group → what a reroute into it calls; null: it has no models. */
  readonly groups: ReadonlyMap<string, string | null>;
  readonly defaultTier: TierReference;
  readonly failOpen: boolean;
  readonly unknownModels: 'block' | 'allow';
  readonly keys: readonly KnownKey[];
}

export type SnapshotOutcome = 'taken' | 'older' | 'unreadable' | 'not-a-project';

const PROJECT_PREFIX = 'p:';

interface Waiter {
  readonly project: string;
  readonly version: number;
  readonly seen: () => void;
}

/**
 * What this gateway knows of the projects: the newest snapshot of each. The topic is compacted and
 * may bring a project twice; an older version never takes a newer one's place, or a revoked key
 * would come back. What can't be read changes nothing: the last good state goes on, and it shows.
 */
export class ProjectSnapshots {
  private readonly projects = new Map<string, KnownProject>();
  private readonly keys = new Map<string, { key: KnownKey; project: KnownProject }>();
  private readonly waiting = new Set<Waiter>();

  /** Takes one entry of the topic; value null: the project is gone. */
  take(key: string | null, value: Uint8Array | null): SnapshotOutcome {
    if (!key?.startsWith(PROJECT_PREFIX)) return 'not-a-project';
    const project = key.slice(PROJECT_PREFIX.length);
    const before = this.projects.get(project);
    if (value === null) {
      if (before) this.forget(before);
      return 'taken';
    }
    const snapshot = readSnapshot(projectSnapshot, value);
    if (snapshot?.project !== project) return 'unreadable';
    if (before && before.version >= snapshot.version) return 'older';
    if (before) this.forget(before);
    this.remember(knownProject(snapshot));
    return 'taken';
  }

  key(keyId: string): { readonly key: KnownKey; readonly project: KnownProject } | undefined {
    return this.keys.get(keyId);
  }

  get size(): number {
    return this.projects.size;
  }

  /** True once the project's snapshot has this version; false where that takes too long. */
  reached(project: string, version: number, withinMs: number): Promise<boolean> {
    if (this.has(project, version)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (has: boolean): void => {
        clearTimeout(timer);
        this.waiting.delete(waiter);
        resolve(has);
      };
      const timer = setTimeout(() => end(false), withinMs);
      const waiter: Waiter = { project, version, seen: () => end(true) };
      this.waiting.add(waiter);
    });
  }

  private has(project: string, version: number): boolean {
    return (this.projects.get(project)?.version ?? 0) >= version;
  }

  private remember(project: KnownProject): void {
    this.projects.set(project.project, project);
    for (const key of project.keys) this.keys.set(key.keyId, { key, project });
    for (const waiter of this.waiting) if (this.has(waiter.project, waiter.version)) waiter.seen();
  }

  private forget(project: KnownProject): void {
    this.projects.delete(project.project);
    for (const { keyId } of project.keys) {
      if (this.keys.get(keyId)?.project === project) this.keys.delete(keyId);
    }
  }
}

function knownProject(snapshot: ProjectSnapshot): KnownProject {
  const { defaultTier, failOpen, unknownModels } = snapshot.settings;
  return {
    defaultTier,
    failOpen,
    unknownModels,
    groups: groupsOf(snapshot),
    project: snapshot.project,
    version: snapshot.version,
    timeZone: snapshot.settings.timeZone,
    latenessMs: durationMs(snapshot.settings.lateness) ?? HORIZON_MS,
    models: new Map(Object.entries(snapshot.models)),
    keys: snapshot.keys.map((key) => ({ ...key, hash: Buffer.from(key.hash, 'hex') })),
  };
}

function groupsOf({ groups, models }: ProjectSnapshot): Map<string, string | null> {
  const byGroup = new Map<string, string[]>();
  for (const [model, group] of Object.entries(models)) {
    const those = byGroup.get(group);
    if (those) those.push(model);
    else byGroup.set(group, [model]);
  }
  return new Map(
    Object.entries(groups).map(([group, { defaultModel }]) => [
      group,
      defaultModelOf(defaultModel, byGroup.get(group) ?? []),
    ]),
  );
}
