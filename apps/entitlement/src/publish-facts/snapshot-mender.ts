import { Injectable } from '@nestjs/common';
import { CatalogService } from '../catalog/catalog.service';
import { snapshotOf } from '../catalog/project-state';
import { EntitlementEvents } from '../events';
import { ProjectStore } from '../storage/catalog/project-store';
import { snapshotKey } from '../storage/catalog/snapshot-keys';
import { UpkeepStore } from '../storage/catalog/upkeep-store';
import { BesideStore } from '../storage/customers/beside-store';
import { type LastWord, wordOf } from './last-word';

const PROJECTS_AT_ONCE = 200;
const ORIGIN = { actor: 'entitlement', reason: 'the log knew another version', request: null };

/** Compares the topic's last word with the store, and has it corrected. */
@Injectable()
export class SnapshotMender {
  constructor(
    private readonly store: ProjectStore,
    private readonly catalog: CatalogService,
    private readonly upkeep: UpkeepStore,
    private readonly beside: BesideStore,
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
      if (last === undefined) break;
      after = last;
    }
    await this.beside.eachKey((key) => void keys.add(key));
    return keys;
  }

  /** `word` was read before this: a change made meanwhile makes the store the later one. */
  mend(key: string, word: LastWord | undefined): Promise<void> {
    const isProject = key.startsWith(snapshotKey(''));
    return isProject ? this.mendProject(key, word) : this.mendBeside(key, word);
  }

  private async mendBeside(key: string, word: LastWord | undefined): Promise<void> {
    const present = await this.beside.entry(key);
    if (!present) return this.events.snapshotOrphaned(key);
    const stored = wordOf(key, present.value);
    if (stored && word?.digest === stored.digest) return;
    const why = word ? whyNot(word, stored) : 'missing';
    this.events.snapshotMended(key, why);
    await this.beside.republish(key, why === 'other' ? (word?.version ?? 0) : 0);
  }

  private async mendProject(key: string, word: LastWord | undefined): Promise<void> {
    const project = key.slice(snapshotKey('').length);
    const state = await this.store.load(project);
    if (!state) return this.events.snapshotOrphaned(project);
    const present = wordOf(key, JSON.stringify(snapshotOf(state)))?.digest;
    if (!word || word.version < state.version) {
      this.events.snapshotMended(project, word ? 'older' : 'missing');
      await this.store.republish(project, Date.now());
    } else if (word.version > state.version || word.digest !== present) {
      this.events.snapshotMended(project, 'other');
      await this.catalog.change(project, ORIGIN, { kind: 'raise-version', above: word.version });
    }
  }
}

function whyNot(word: LastWord, stored: LastWord | undefined): 'older' | 'other' {
  return word.version < (stored?.version ?? 0) ? 'older' : 'other';
}
