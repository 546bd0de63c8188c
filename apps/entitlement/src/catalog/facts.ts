import type { Settings } from '@tallyward/contracts';
import { type TierFact, tierStoryOf } from '../tiers/tier-facts';
import type { ApiKey } from './project-state';

/** What happened to a project. Immutable, past tense; the audit trail is made of these. */
export type CatalogFact =
  | {
      readonly type: 'project.created';
      readonly project: string;
      readonly name: string;
      readonly settings: Settings;
      readonly groups: readonly string[];
    }
  | { readonly type: 'key.created'; readonly key: ApiKey }
  | {
      readonly type: 'key.rotated';
      readonly key: ApiKey;
      /** Id of the key that takes its place. */
      readonly successor: string;
      /** Until when the old key is good, epoch ms. */
      readonly expiresAt: number;
    }
  | { readonly type: 'key.revoked'; readonly key: ApiKey }
  | { readonly type: 'key.expired'; readonly key: ApiKey }
  | {
      readonly type: 'model.grouped';
      readonly model: string;
      readonly from: string | null;
      readonly to: string;
    }
  | { readonly type: 'model-group.created'; readonly group: string }
  | {
      readonly type: 'model-group.default-changed';
      readonly group: string;
      readonly from: string | null;
      readonly to: string | null;
    }
  | TierFact
  | { readonly type: 'settings.changed'; readonly before: Settings; readonly after: Settings }
  /** Nothing but the number changed: the log knew a later version than the store. */
  | { readonly type: 'project.version-raised'; readonly to: number };

export type FactType = CatalogFact['type'];

/** What the audit trail shows of a fact. Hashes stay out of it. */
export interface FactStory {
  readonly subject: string;
  readonly before: unknown;
  readonly after: unknown;
  /** Whose it is, and which tiers it is about, where it is about such. */
  readonly customer?: string;
  readonly tiers?: readonly string[];
}

/** A fact as it goes into the audit trail and the log. */
export interface ToldFact extends FactStory {
  readonly type: string;
}

export function storyOf(fact: CatalogFact): FactStory {
  switch (fact.type) {
    case 'project.created': {
      const { name, settings, groups } = fact;
      return {
        subject: `project:${fact.project}`,
        before: null,
        after: { name, settings, groups },
      };
    }
    case 'key.created':
      return { ...keyStory(fact.key), before: null };
    case 'key.rotated': {
      const { expiresAt, successor } = fact;
      const after = { expiresAt: new Date(expiresAt).toISOString(), successor };
      return { subject: `key:${fact.key.keyId}`, before: keyStory(fact.key).after, after };
    }
    case 'key.revoked':
    case 'key.expired':
      return { subject: `key:${fact.key.keyId}`, before: keyStory(fact.key).after, after: null };
    case 'model.grouped': {
      const before = fact.from === null ? null : { group: fact.from };
      return { subject: `model:${fact.model}`, before, after: { group: fact.to } };
    }
    case 'model-group.created':
      return { subject: `model-group:${fact.group}`, before: null, after: { defaultModel: null } };
    case 'model-group.default-changed': {
      const [before, after] = [{ defaultModel: fact.from }, { defaultModel: fact.to }];
      return { subject: `model-group:${fact.group}`, before, after };
    }
    case 'tier.created':
    case 'tier.cloned':
    case 'tier.edited':
      return tierStoryOf(fact);
    case 'settings.changed':
      return { subject: 'settings', before: fact.before, after: fact.after };
    case 'project.version-raised':
      return { subject: 'version', before: null, after: { version: fact.to } };
  }
}

function keyStory(key: ApiKey): { subject: string; after: unknown } {
  const { keyId, name, scopes, operator, expiresAt } = key;
  const until = expiresAt === null ? null : new Date(expiresAt).toISOString();
  return { subject: `key:${keyId}`, after: { name, scopes, operator, expiresAt: until } };
}
