import { MAX_PER_PROJECT } from '@tallyward/contracts';
import { UNCLASSIFIED } from '@tallyward/domain';
import { type CommandOf, decided, type Decision, refused } from './decision';
import type { CatalogFact } from './facts';
import type { ProjectState } from './project-state';

export function putModel(state: ProjectState, { model, group }: CommandOf<'put-model'>): Decision {
  if (group === UNCLASSIFIED) return refused('invalid', UNCLASSIFIED_ALONE, '/group');
  if (group === EVERY_GROUP) return refused('invalid', EVERY_GROUP_ALONE, '/group');
  if (!state.groups.has(group)) {
    const detail = `There is no such group: PUT /v1/model-groups/{group} makes it.`;
    return refused('invalid', detail, '/group');
  }
  if (model === PROTO) return refused('invalid', `No model can be called ${PROTO}.`);
  const from = state.models.get(model) ?? null;
  if (from === group) return decided();
  if (from === null && state.models.size >= MAX_PER_PROJECT.models) {
    const detail = `A project has at most ${MAX_PER_PROJECT.models} models. Leave the further ones unregistered: their usage counts as ${UNCLASSIFIED}.`;
    return refused('conflict', detail);
  }
  const moved: CatalogFact = { type: 'model.grouped', model, from, to: group };
  // A group never names a model that left it.
  if (from === null || state.groups.get(from) !== model) return decided(moved);
  const cleared = { type: 'model-group.default-changed', group: from, from: model, to: null };
  return decided(moved, cleared as CatalogFact);
}

/** How a limit names every group at once. */
const EVERY_GROUP = '*';
const EVERY_GROUP_ALONE = `${EVERY_GROUP} means every group; give the group a name of its own.`;
const UNCLASSIFIED_ALONE = `${UNCLASSIFIED} is the group of models that nobody registered; it can't be made or filled by hand.`;
/** An object key that JSON libraries drop: a snapshot could not carry it. */
const PROTO = '__proto__';

export function putModelGroup(
  state: ProjectState,
  { group, defaultModel }: CommandOf<'put-model-group'>,
): Decision {
  if (group === UNCLASSIFIED) return refused('invalid', UNCLASSIFIED_ALONE);
  if (group === EVERY_GROUP) return refused('invalid', EVERY_GROUP_ALONE);
  if (group === PROTO) return refused('invalid', `No group can be called ${PROTO}.`);
  if (defaultModel !== null && state.models.get(defaultModel) !== group) {
    const detail = `The model is not in this group: PUT /v1/models/{model} puts it there.`;
    return refused('invalid', detail, '/defaultModel');
  }
  const from = state.groups.get(group);
  if (from === defaultModel) return decided();
  if (from !== undefined) {
    return decided({ type: 'model-group.default-changed', group, from, to: defaultModel });
  }
  if (state.groups.size >= MAX_PER_PROJECT.groups) {
    const detail = `A project has at most ${MAX_PER_PROJECT.groups} model groups: use one of those there are.`;
    return refused('conflict', detail);
  }
  return decided({ type: 'model-group.created', group });
}
