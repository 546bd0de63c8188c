import type {
  DecisionAnswer,
  DecisionReason,
  LimitState,
  TierReference,
} from '@tallyward/contracts';
import { effectOf, type Obstacle } from '@tallyward/domain';
import type { Attempt } from './attempt';
import type { CallToDecide } from './decide-call';
import { obstacleWords, WORDS } from './words';

/** When a caller may try again that Tallyward could not answer. */
export const DEGRADED_RETRY_MS = 1_000;

/** What an answer says beside its numbers. */
export interface Verdict {
  readonly outcome: DecisionAnswer['outcome'];
  readonly reason: DecisionReason | null;
  readonly message: string | null;
  /** Epoch ms. */
  readonly retryAt: number | null;
  readonly model: string;
  readonly modelGroup: string;
  readonly restrictedFrom: string | null;
}

type Decided = Extract<Attempt, { kind: 'decided' }>;

/** What a decision tells the app to do. */
export function verdictOf(
  { request, project, call }: CallToDecide,
  { decision }: Decided,
): Verdict {
  if (decision.kind === 'refuse') {
    const asked = { model: request.model, modelGroup: call.modelGroup, restrictedFrom: null };
    const { by } = decision;
    const effect = effectOf(by);
    // A refusal is never a reroute: that goes on to the next group.
    if (effect.outcome === 'restrict') return notServed(asked, by, by.limit.restrictTo ?? '');
    const message = obstacleWords(by, null);
    const { outcome, reason } = effect;
    return { ...asked, outcome, reason, message, retryAt: by.retryAt };
  }
  const by = decision.passed[0];
  if (!by) return plainAllow(request.model, call.modelGroup);
  const { modelGroup } = decision;
  const model = project.groups.get(modelGroup) ?? null;
  if (model === null) {
    const asked = { model: request.model, modelGroup: call.modelGroup, restrictedFrom: null };
    return notServed(asked, by, modelGroup);
  }
  return {
    outcome: 'restrict',
    reason: by.reason,
    message: obstacleWords(by, modelGroup),
    retryAt: null,
    model,
    modelGroup,
    restrictedFrom: call.modelGroup,
  };
}

/** Field by field: nearly all answers are this one. */
function plainAllow(model: string, modelGroup: string): Verdict {
  return {
    outcome: 'allow',
    reason: null,
    message: null,
    retryAt: null,
    model,
    modelGroup,
    restrictedFrom: null,
  };
}

type Asked = Pick<Verdict, 'model' | 'modelGroup' | 'restrictedFrom'>;

/** A reroute into a group without a model serves nobody. */
function notServed(asked: Asked, { reason, retryAt }: Obstacle, group: string): Verdict {
  const outcome = reason === 'held' ? 'throttle' : 'block';
  return { ...asked, outcome, reason, message: WORDS.noModel(group), retryAt };
}

export function plainVerdict(
  { request, call }: CallToDecide,
  outcome: 'allow' | 'block' | 'throttle',
  reason: DecisionReason,
  message: string,
  retryAt: number | null = null,
): Verdict {
  const { modelGroup } = call;
  return {
    outcome,
    reason,
    message,
    retryAt,
    model: request.model,
    modelGroup,
    restrictedFrom: null,
  };
}

/** What goes with a verdict; instants epoch ms. */
export interface AnswerParts {
  readonly decisionId: string;
  readonly hold: { readonly id: string; readonly expiresAt: number } | null;
  readonly tier: TierReference | null;
  readonly overage: boolean;
  readonly asOf: number;
  readonly limits: LimitState[];
}

export function answerOf(verdict: Verdict, parts: AnswerParts): DecisionAnswer {
  const { hold, tier } = parts;
  return {
    decisionId: parts.decisionId,
    outcome: verdict.outcome,
    reason: verdict.reason,
    holdId: hold?.id ?? null,
    expiresAt: hold ? instantText(hold.expiresAt) : null,
    model: verdict.model,
    modelGroup: verdict.modelGroup,
    restrictedFrom: verdict.restrictedFrom,
    overage: parts.overage,
    message: verdict.message,
    retryAt: verdict.retryAt === null ? null : instantText(verdict.retryAt),
    tier: tier && { name: tier.name, version: tier.version },
    asOf: instantText(parts.asOf),
    limits: parts.limits,
  };
}

/** The seconds of late and soon, as they are written; the others are written anew. */
const SECONDS = new Map<number, string>();
const MOST_SECONDS = 2_048;

export function instantText(epochMs: number): string {
  const second = Math.floor(epochMs / 1_000);
  let text = SECONDS.get(second);
  if (text === undefined) {
    if (SECONDS.size >= MOST_SECONDS) SECONDS.clear();
    text = new Date(second * 1_000).toISOString().slice(0, -'000Z'.length);
    SECONDS.set(second, text);
  }
  const ms = epochMs - second * 1_000;
  return `${text}${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}Z`;
}
