import type { Settings } from '@tallyward/contracts';
import type { EntityManager } from 'typeorm';
import type { ApiKey, ProjectState } from '../../catalog/project-state';
import { safeInteger } from '../safe-integer';

interface Loaded {
  readonly project: string;
  readonly name: string;
  readonly version: string;
  readonly settings: Settings;
  readonly keys: ApiKey[] | null;
  readonly models: Record<string, string> | null;
  readonly groups: Record<string, string | null> | null;
  readonly tiers: Record<string, number> | null;
}

/** All of a project in one statement, so that it is of one instant. */
const LOAD = `
  SELECT p.project, p.name, p.version, p.settings,
    (SELECT json_agg(json_build_object(
       'keyId', key_id, 'name', name, 'scopes', scopes, 'hash', hash, 'operator', operator,
       'createdAt', (extract(epoch FROM created_at) * 1000)::bigint,
       'expiresAt', (extract(epoch FROM expires_at) * 1000)::bigint))
     FROM api_key k WHERE k.project = p.project) AS keys,
    (SELECT json_object_agg(model, model_group) FROM model m WHERE m.project = p.project) AS models,
    (SELECT json_object_agg(model_group, default_model)
     FROM model_group g WHERE g.project = p.project) AS groups,
    (SELECT json_object_agg(name, latest) FROM (
       SELECT name, max(version) AS latest FROM tier_version t WHERE t.project = p.project
       GROUP BY name) AS each_tier) AS tiers
  FROM project p WHERE p.project = $1`;

/**
 * Locks a project for a change, until the transaction ends, and reads all of it; null where there
 * is none. Two statements on purpose: one that waited for the lock would go on to read the other
 * tables as they were before it waited.
 */
export async function lockProject(
  manager: EntityManager,
  project: string,
): Promise<ProjectState | null> {
  const locked = (await manager.query('SELECT 1 FROM project WHERE project = $1 FOR UPDATE', [
    project,
  ])) as unknown[];
  return locked.length === 0 ? null : loadProject(manager, project);
}

export async function loadProject(
  manager: EntityManager,
  project: string,
): Promise<ProjectState | null> {
  const [found] = (await manager.query(LOAD, [project])) as Loaded[];
  if (!found) return null;
  const { name, settings, keys, models, groups, tiers } = found;
  return {
    project: found.project,
    name,
    version: safeInteger(found.version),
    settings,
    keys: new Map((keys ?? []).map((key) => [key.keyId, key])),
    models: new Map(Object.entries(models ?? {})),
    groups: new Map(Object.entries(groups ?? {})),
    tiers: new Map(Object.entries(tiers ?? {})),
  };
}
