import { type Limit, type Obstacle, UNCLASSIFIED } from '@tallyward/domain';

const PERIODS: Readonly<Record<string, string>> = {
  minute: 'this minute',
  hour: 'this hour',
  day: 'today',
  week: 'this week',
  month: 'this month',
  billingPeriod: 'this billing period',
  lifetime: 'good',
};

/** What people read: the tier's own message, else Tallyward's. */
export function obstacleWords(obstacle: Obstacle, servedBy: string | null): string {
  const { limit } = obstacle;
  if (limit.message !== null) return limit.message;
  const served = servedBy === null ? '' : `; served by a ${servedBy} model`;
  return `${capital(whatStands(obstacle))}${served}.`;
}

function whatStands({ limit, scopeValue, reason }: Obstacle): string {
  const whose = limit.scope === 'customer' ? '' : ` of ${limit.scope} "${scopeValue}"`;
  const group = limit.modelGroup === '*' ? '' : `${limit.modelGroup} `;
  switch (reason) {
    case 'used-up':
      return `${group}allowance of ${limit.unit}${whose} used up for ${periodOf(limit)}`;
    case 'held':
      return `${group}allowance of ${limit.unit}${whose}: running calls hold what is left`;
    case 'per-request':
      return `the call needs more ${limit.unit} than ${limit.amount}, the most it may`;
    case 'disabled':
      return `${group}models are not part of the allowance${whose}`;
  }
}

function periodOf({ window }: Limit): string {
  return typeof window === 'string' ? (PERIODS[window] ?? 'now') : 'now';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const WORDS = {
  unknownModel:
    `Nobody registered this model: it is "${UNCLASSIFIED}". ` +
    'Register it, or allow unknown models in the settings.',
  customerOff: 'The customer is switched off.',
  degradedOpen: 'Tallyward could not decide in time; allowed by the project’s setting failOpen.',
  degradedClosed: 'Tallyward could not decide in time; try again.',
  noModel: (group: string) => `There is no model in the group "${group}" to serve it.`,
} as const;
