import { crashPoint } from '@tallyward/platform';
import type { EntityManager } from 'typeorm';
import type { CatalogFact } from '../../catalog/facts';
import type { ApiKey, ProjectState } from '../../catalog/project-state';
import { editTierVersion, insertTierVersion } from '../tiers/save-tiers';
import { ApiKeyRow, ModelGroupRow, ModelRow, ProjectRow } from './catalog.entities';

/** Writes the project itself, where it begins. */
export async function insertProject(
  manager: EntityManager,
  state: ProjectState,
  now: number,
): Promise<void> {
  const { project, name, version, settings } = state;
  const createdAt = new Date(now);
  await manager.insert(ProjectRow, { project, name, version, settings, createdAt });
  crashPoint('catalog.after-project-row');
  const groups = [...state.groups].map(([group, defaultModel]) => ({
    project,
    group,
    defaultModel,
  }));
  await manager.insert(ModelGroupRow, groups);
}

/** Writes the version and settings that a change made. */
export async function updateProject(manager: EntityManager, state: ProjectState): Promise<void> {
  const { project, version, settings } = state;
  await manager.update(ProjectRow, { project }, { version, settings });
}

/** Writes what a fact says about keys, models and groups, in the transaction of the change. */
export async function saveFact(
  manager: EntityManager,
  project: string,
  fact: CatalogFact,
): Promise<void> {
  switch (fact.type) {
    case 'key.created':
      await manager.insert(ApiKeyRow, keyRow(project, fact.key));
      return;
    case 'key.rotated': {
      const { keyId } = fact.key;
      await manager.update(ApiKeyRow, { project, keyId }, { expiresAt: new Date(fact.expiresAt) });
      return;
    }
    case 'key.revoked':
    case 'key.expired':
      await manager.delete(ApiKeyRow, { project, keyId: fact.key.keyId });
      return;
    case 'model.grouped':
      await manager.upsert(ModelRow, { project, model: fact.model, group: fact.to }, [
        'project',
        'model',
      ]);
      return;
    case 'model-group.created':
      await manager.insert(ModelGroupRow, { project, group: fact.group, defaultModel: null });
      return;
    case 'model-group.default-changed':
      await manager.update(
        ModelGroupRow,
        { project, group: fact.group },
        { defaultModel: fact.to },
      );
      return;
    case 'tier.created':
    case 'tier.cloned':
      await insertTierVersion(manager, project, fact.tier);
      return;
    case 'tier.edited':
      await editTierVersion(manager, project, fact.tier);
      return;
    // These are of the project's own row.
    case 'project.created':
    case 'settings.changed':
    case 'project.version-raised':
      return;
  }
}

function keyRow(project: string, key: ApiKey) {
  return {
    ...key,
    project,
    scopes: [...key.scopes],
    createdAt: new Date(key.createdAt),
    expiresAt: key.expiresAt === null ? null : new Date(key.expiresAt),
  };
}
