import { type ChangeKind, TOPICS } from '@tallyward/contracts';

/** What a log entry makes pages read anew, and whose it is. */
export interface Change {
  readonly project: string;
  /** Null: of the project as a whole. */
  readonly customer: string | null;
  readonly kinds: readonly ChangeKind[];
}

const BY_TOPIC: Readonly<Record<string, readonly ChangeKind[]>> = {
  [TOPICS.usageEvents.name]: ['usage'],
  [TOPICS.quotaDecisions.name]: ['decisions'],
  [TOPICS.billingRecords.name]: ['billing'],
};

/** By the first word of a fact's type; any other is about a customer. */
const BY_FACT: Readonly<Record<string, readonly ChangeKind[]>> = {
  key: ['keys'],
  model: ['models'],
  'model-group': ['models'],
  settings: ['settings'],
  project: ['settings'],
  tier: ['tiers'],
  billing: ['billing'],
};
/** Facts about a customer that are about a tier too: how many it has. */
const OF_BOTH: Readonly<Record<string, readonly ChangeKind[]>> = {
  'tier.assigned': ['customers', 'tiers'],
  'customer.created': ['customers', 'tiers'],
};

/** What pages show of these alone is of one customer. */
const OF_A_CUSTOMER = new Set<ChangeKind>(['usage', 'decisions', 'customers', 'billing']);

/** Undefined for an entry without a key, which nobody here has written. */
export function changeOf(
  topic: string,
  key: string | null,
  type: string | undefined,
): Change | undefined {
  if (key === null) return undefined;
  const end = key.indexOf(':');
  const project = end < 0 ? key : key.slice(0, end);
  const customer = end < 0 ? null : key.slice(end + 1);
  return { project, customer, kinds: BY_TOPIC[topic] ?? kindsOfFact(type ?? '') };
}

function kindsOfFact(type: string): readonly ChangeKind[] {
  const plain = type.replace(/\.v\d+$/, '');
  return OF_BOTH[plain] ?? BY_FACT[plain.split('.', 1)[0] ?? ''] ?? ['customers'];
}

/** The kinds that whoever listens is told of: all of a project's, or one customer's own. */
export function kindsFor(
  { project, customer, kinds }: Change,
  listens: { readonly project: string; readonly customer: string | null },
): readonly ChangeKind[] {
  if (project !== listens.project) return [];
  if (listens.customer === null) return kinds;
  if (customer !== listens.customer) return [];
  return kinds.filter((kind) => OF_A_CUSTOMER.has(kind));
}
