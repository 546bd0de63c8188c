import { Injectable } from '@nestjs/common';
import { type ProjectSnapshot, projectSnapshot } from '@tallyward/contracts';
import { createHash } from 'node:crypto';
import { CatalogService } from '../catalog/catalog.service';
import { snapshotOf } from '../catalog/project-state';
import { EntitlementEvents } from '../events';
import { ProjectStore } from '../storage/catalog/project-store';
import { snapshotKey } from '../storage/catalog/record-change';
import { UpkeepStore } from '../storage/catalog/upkeep-store';

const PROJECTS_AT_ONCE = 200;
const ORIGIN = { actor: 'entitlement', reason: 'the log knew another version', request: null };

/** The last word of the snapshot topic about a project. */
export interface LastWord {
  readonly version: number;
  readonly digest: string;
}

/** Compares the topic's last word about a project with the store, and has it corrected. */
@Injectable()
export class SnapshotMender {
  constructor(
    private readonly store: ProjectStore,
    private readonly catalog: CatalogService,
    private readonly upkeep: UpkeepStore,
    private readonly events: EntitlementEvents,
  ) {}

  /** The keys that the topic should have. */
  async keys(): Promise<Set<string>> {
    const keys = new Set<string>();
    let after = '';
    for (;;) {
      const projects = await this.upkeep.projectsAfter(after, PROJECTS_AT_ONCE);
      for (const project of projects) keys.add(snapshotKey(project));
      const last = projects.at(-1);
      if (last === undefined) return keys;
      after = last;
    }
  }

  /** `word` was read before this: a change made meanwhile makes the store the later one. */
  async mend(key: string, word: LastWord | undefined): Promise<void> {
    const project = key.slice(snapshotKey('').length);
    const state = await this.store.load(project);
    if (!state) return this.events.snapshotOrphaned(project);
    const present = digestOf(projectSnapshot.parse(snapshotOf(state)));
    if (!word || word.version < state.version) {
      this.events.snapshotMended(project, word ? 'older' : 'missing');
      await this.store.republish(project, Date.now());
    } else if (word.version > state.version || word.digest !== present) {
      this.events.snapshotMended(project, 'other');
      await this.catalog.change(project, ORIGIN, { kind: 'raise-version', above: word.version });
    }
  }
}

/** What an entry of the topic says; undefined: nothing that a gateway could read. */
export function wordOf(value: Buffer | null): LastWord | undefined {
  try {
    const read = projectSnapshot.safeParse(JSON.parse(value?.toString('utf8') ?? ''));
    return read.success ? { version: read.data.version, digest: digestOf(read.data) } : undefined;
  } catch {
    return undefined;
  }
}

function digestOf(snapshot: ProjectSnapshot): string {
  return createHash('sha256').update(JSON.stringify(snapshot)).digest('hex');
}
