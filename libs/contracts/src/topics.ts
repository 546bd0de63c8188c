import { USAGE_PARTITIONS } from '@tallyward/domain';

export interface TopicDeclaration {
  readonly name: string;
  readonly partitions: number;
  /** What the key is made of. */
  readonly key: string;
  readonly retention: 'forever' | 'compacted' | { readonly days: number };
  readonly writer: string;
  readonly readers: readonly string[];
  readonly purpose: string;
}

/** Every topic of Tallyward, once. Made by entitlement at its start; the others wait for them. */
export const TOPICS = {
  usageEvents: {
    name: 'usage.events.v1',
    partitions: USAGE_PARTITIONS,
    key: 'project:customer',
    retention: 'forever',
    writer: 'gateway',
    readers: ['entitlement', 'aggregator'],
    purpose:
      'The log: an entry for each reported call, stamped with all that a fold needs, and for each void.',
  },
  quotaAsks: {
    name: 'quota.asks.v1',
    partitions: USAGE_PARTITIONS,
    key: 'project:customer',
    retention: { days: 1 },
    writer: 'gateway',
    readers: ['entitlement'],
    purpose: 'What gateways ask for, give back and hold.',
  },
  quotaGrants: {
    name: 'quota.grants.v1',
    partitions: USAGE_PARTITIONS,
    key: 'gateway process',
    retention: { days: 1 },
    writer: 'entitlement',
    readers: ['gateway'],
    purpose: 'Leases granted, refused and recalled, and what other gateways settled.',
  },
  quotaDecisions: {
    name: 'quota.decisions.v1',
    partitions: USAGE_PARTITIONS,
    key: 'project:customer',
    retention: 'forever',
    writer: 'gateway',
    readers: ['aggregator'],
    purpose: 'Every answer but a plain allow, with its reason and its numbers.',
  },
  keysUsed: {
    name: 'keys.used.v1',
    partitions: 1,
    key: 'project',
    retention: { days: 1 },
    writer: 'gateway',
    readers: ['entitlement'],
    purpose: 'When API keys were used last, at most once a minute from each gateway.',
  },
  snapshots: {
    name: 'entitlement.snapshots.v1',
    partitions: 1,
    key: 'p:{project}, t:{project}:{tier}:{version} or c:{project}:{customer}',
    retention: 'compacted',
    writer: 'entitlement',
    readers: ['gateway', 'aggregator'],
    purpose: 'What a gateway must know to answer: settings, key hashes, models, tiers, customers.',
  },
  facts: {
    name: 'entitlement.facts.v1',
    partitions: 12,
    key: 'project, project:customer or project:tier',
    retention: 'forever',
    writer: 'entitlement; aggregator of what it holds back',
    readers: ['consoles and auditors'],
    purpose: 'Who changed what, from what, to what: the audit trail.',
  },
  billingRecords: {
    name: 'billing.records.v1',
    partitions: USAGE_PARTITIONS,
    key: 'project:customer',
    retention: 'forever',
    writer: 'aggregator',
    readers: ['billing systems', 'aggregator'],
    purpose: 'Lines of closed periods and their later revisions, once their proofs agree.',
  },
  quarantine: {
    name: 'usage.quarantine.v1',
    partitions: 12,
    key: 'the key of the entry that was set aside',
    retention: 'forever',
    writer: 'entitlement',
    readers: ['people who mend what was sent'],
    purpose: 'What could not be folded, with the reason and its place in the log.',
  },
} as const satisfies Record<string, TopicDeclaration>;

/** The topic's settings at the broker. */
export function topicConfigs(topic: TopicDeclaration): Record<string, string> {
  const time = { 'message.timestamp.type': 'LogAppendTime', 'max.message.bytes': '2097152' };
  if (topic.retention === 'forever') {
    return { ...time, 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' };
  }
  if (topic.retention === 'compacted') return { ...time, 'cleanup.policy': 'compact' };
  return {
    ...time,
    'cleanup.policy': 'delete',
    'retention.ms': String(topic.retention.days * 86_400_000),
  };
}
