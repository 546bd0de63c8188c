import type { Ask, AskAnswer } from '../ask';
import type { Chance } from './chance';
import type { Settled } from './log';
import type { Setting } from './setting';

/** Something on its way between two processes; lost, repeated and overtaken at will. */
export type Message =
  | { readonly to: 'entitlement'; readonly ask: Ask }
  | { readonly to: 'entitlement'; readonly lease: string; readonly total: number }
  /** By slot: what was meant for a process that died reaches its successor. */
  | { readonly to: number; readonly what: ToGateway };

export type ToGateway =
  | { readonly kind: 'answer'; readonly ask: string; readonly answer: AskAnswer }
  | { readonly kind: 'recall'; readonly leases: readonly string[] }
  | { readonly kind: 'freed'; readonly limits: readonly string[] }
  | { readonly kind: 'tier'; readonly limits: readonly string[] | 'all' }
  | { readonly kind: 'settled'; readonly settled: Settled }
  | { readonly kind: 'acked'; readonly settled: Settled }
  | { readonly kind: 'release'; readonly hold: string };

const MAX_MESSAGES = 200;
/** A message is overtaken by so many at most. */
const OVERTAKING = 6;

export class Network {
  private readonly messages: Message[] = [];

  constructor(private readonly odds: Setting['odds']) {}

  send(message: Message): void {
    if (this.messages.length < MAX_MESSAGES) this.messages.push(message);
  }

  /** The next that arrives; undefined: none, or lost. */
  next(chance: Chance): Message | undefined {
    if (this.messages.length === 0) return undefined;
    const index = chance.between(0, Math.min(this.messages.length, OVERTAKING) - 1);
    const message = this.messages[index];
    if (!chance.happens(this.odds.repeated)) this.messages.splice(index, 1);
    return chance.happens(this.odds.lost) ? undefined : message;
  }
}
