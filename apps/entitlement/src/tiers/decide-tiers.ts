import { limitOf, MAX_TIER_VERSIONS, type TierLimit } from '@tallyward/contracts';
import { EVERY_GROUP, tierFaults, UNCLASSIFIED } from '@tallyward/domain';
import { decided, type Decision, type FieldFault, refused } from '../catalog/decision';
import type { ProjectState } from '../catalog/project-state';
import type { StoredTier } from './stored-tier';

export function createTier(
  state: ProjectState,
  name: string,
  limits: readonly TierLimit[],
  now: number,
): Decision {
  const latest = state.tiers.get(name);
  if (latest !== undefined) {
    const detail = `There is a tier of this name: POST /v1/tiers/{name}/versions/${latest}/clone makes its next version.`;
    return refused('conflict', detail, '/name');
  }
  const bad = faulty(state, limits) ?? noRoom(state);
  return bad ?? decided({ type: 'tier.created', tier: draft(name, 1, limits, now) });
}

export function cloneTier(state: ProjectState, source: StoredTier, now: number): Decision {
  const full = noRoom(state);
  if (full) return full;
  const { name, version, limits } = source;
  const next = (state.tiers.get(name) ?? 0) + 1;
  return decided({ type: 'tier.cloned', from: version, tier: draft(name, next, limits, now) });
}

export function editTier(
  state: ProjectState,
  present: StoredTier,
  limits: readonly TierLimit[],
): Decision {
  if (present.frozenAt !== null) return frozen(present);
  const bad = faulty(state, limits);
  if (bad) return bad;
  if (JSON.stringify(present.limits) === JSON.stringify(limits)) return decided();
  const tier = { ...present, limits, revision: present.revision + 1 };
  return decided({ type: 'tier.edited', tier, before: present.limits });
}

/** I9: what a customer has ever had does not change. */
export function frozen({ version }: Pick<StoredTier, 'version'>): Decision & { kind: 'refused' } {
  const detail = `A customer has had this version, so it never changes again: POST /v1/tiers/{name}/versions/${version}/clone makes the next one.`;
  return refused('tier-version-in-use', detail);
}

export function isKnownTier(
  { tiers }: Pick<ProjectState, 'tiers'>,
  { name, version }: { readonly name: string; readonly version: number },
): boolean {
  return version >= 1 && version <= (tiers.get(name) ?? 0);
}

function draft(name: string, version: number, limits: readonly TierLimit[], now: number) {
  return { name, version, revision: 1, limits, createdAt: now, frozenAt: null };
}

function noRoom(state: ProjectState): Decision | null {
  const versions = [...state.tiers.values()].reduce((sum, latest) => sum + latest, 0);
  if (versions < MAX_TIER_VERSIONS) return null;
  const detail = `A project has at most ${MAX_TIER_VERSIONS} tier versions: edit a draft instead.`;
  return refused('conflict', detail);
}

/** Everything that is wrong with the limits, each with its place and what to do. */
function faulty(state: ProjectState, limits: readonly TierLimit[]): Decision | null {
  const errors = [...limits.flatMap((limit, at) => unknownGroups(state, limit, at))];
  for (const { index, code, detail } of tierFaults(limits.map(limitOf))) {
    errors.push({ pointer: `/limits/${index}`, code, detail });
  }
  if (errors.length === 0) return null;
  const detail = `The limits have ${errors.length === 1 ? 'a fault' : `${errors.length} faults`}.`;
  return { kind: 'refused', refusal: { code: 'invalid', detail, errors } };
}

const MAKE_GROUP = 'there is no such model group: PUT /v1/model-groups/{group} makes it';

function unknownGroups(
  { groups }: ProjectState,
  { modelGroup, restrictTo }: TierLimit,
  at: number,
): FieldFault[] {
  const faults: FieldFault[] = [];
  if (!groups.has(modelGroup) && modelGroup !== EVERY_GROUP && modelGroup !== UNCLASSIFIED) {
    const pointer = `/limits/${at}/modelGroup`;
    faults.push({ pointer, code: 'unknown-model-group', detail: MAKE_GROUP });
  }
  if (restrictTo !== null && !groups.has(restrictTo)) {
    const pointer = `/limits/${at}/restrictTo`;
    faults.push({ pointer, code: 'unknown-model-group', detail: MAKE_GROUP });
  }
  return faults;
}
