import { type Settings, settings as settingsShape } from '@tallyward/contracts';
import { createKey, dropExpiredKeys, ensureOperatorKey, revokeKey, rotateKey } from './decide-keys';
import { putModel, putModelGroup } from './decide-models';
import { type Command, decided, type Decision, refused } from './decision';
import { isKnownTier } from '../tiers/decide-tiers';
import type { ProjectState } from './project-state';

/** What a command does to a project. Pure: `now` is epoch ms, keys were minted before. */
export function decide(state: ProjectState, command: Command, now: number): Decision {
  switch (command.kind) {
    case 'create-key':
      return createKey(state, command, now);
    case 'rotate-key':
      return rotateKey(state, command, now);
    case 'revoke-key':
      return revokeKey(state, command.keyId, now);
    case 'put-model':
      return putModel(state, command);
    case 'put-model-group':
      return putModelGroup(state, command);
    case 'put-settings':
      return putSettings(state, command.change);
    case 'drop-expired-keys':
      return dropExpiredKeys(state, now);
    case 'ensure-operator-key':
      return ensureOperatorKey(state, command.minted, now);
    case 'raise-version':
      return state.version > command.above
        ? decided()
        : decided({ type: 'project.version-raised', to: command.above + 1 });
  }
}

function putSettings(state: ProjectState, change: Partial<Settings>): Decision {
  const before = state.settings;
  const after = settingsShape.parse({ ...before, ...change });
  if (JSON.stringify(after) === JSON.stringify(settingsShape.parse(before))) return decided();
  if (!isKnownTier(state, after.defaultTier)) {
    const detail = 'There is no such tier version: GET /v1/tiers shows those there are.';
    return refused('invalid', detail, '/defaultTier');
  }
  return decided({ type: 'settings.changed', before, after });
}
