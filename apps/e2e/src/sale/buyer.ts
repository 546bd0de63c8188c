import { setTimeout as pause } from 'node:timers/promises';
import type { DecisionAnswer } from '@tallyward/contracts';
import type { AtGateway } from './at-gateway';
import type { Till } from './till';

const AGAIN_FROM_MS = 100;
const AGAIN_TO_MS = 4_000;

export type LimitUnit = 'calls' | 'tokens';

/** What all buyers of one sale share. */
export interface Market {
  readonly customer: string;
  readonly unit: LimitUnit;
  readonly ttlSeconds: number;
  readonly till: Till;
  readonly gateways: readonly AtGateway[];
  /** Which gateway the load is on now. */
  pick(): number;
  /** A number in [0, below), by the sale's seed. */
  draw(below: number): number;
  /** One answer, with how long it took. */
  answered(word: string, ms: number): void;
  fault(what: string): void;
  readonly giveUpAt: number;
}

/** What one call expects, and what it will really use. Tokens. */
export interface Purchase {
  readonly inputTokens: number;
  readonly maxOutputTokens: number;
  readonly outputTokens: number;
}

/**
 * One app that wants one call: it asks until it is served, or is told that the limit is used up;
 * then it settles, here or at another gateway, until the log has it.
 */
export async function buy(market: Market, purchase: Purchase): Promise<void> {
  for (let tries = 0; performance.now() < market.giveUpAt; tries += 1) {
    const began = performance.now();
    const said = await gatewayOf(market, tries).decide({ ...market, ...purchase });
    const ms = performance.now() - began;
    if (said.kind === 'away') market.answered('away', ms);
    else if (said.status !== 200) market.answered(String(said.status), ms);
    else {
      const { outcome, reason, holdId } = said.body;
      market.answered(reason === null ? outcome : `${outcome} ${reason}`, ms);
      if (outcome === 'block') return checkUsedUp(market, said.body);
      if (outcome === 'allow' && holdId !== null) {
        return settle(market, holdId, purchase);
      }
    }
    const most = Math.min(AGAIN_TO_MS, AGAIN_FROM_MS * 2 ** Math.min(tries, 6));
    await pause(most / 2 + market.draw(most / 2));
  }
}

/** After a failure the next try goes to the other one. */
function gatewayOf({ gateways, pick }: Market, tries: number): AtGateway {
  const first = pick();
  return gateways[tries < 3 ? first : (first + tries) % gateways.length] as AtGateway;
}

/** `block` always means used up: what is left, and what is held, must not do for the call. */
function checkUsedUp({ fault, unit }: Market, { reason, limits }: DecisionAnswer): void {
  const at = limits.find((limit) => limit.exceeded && limit.unit === unit);
  if (reason !== 'used-up' || !at) fault(`blocked for ${reason}, naming ${limits.length} limits`);
}

async function settle(
  market: Market,
  hold: string,
  { inputTokens, maxOutputTokens, outputTokens }: Purchase,
): Promise<void> {
  const { till, unit, draw } = market;
  const tokens = (output: number) => (unit === 'calls' ? 1 : inputTokens + output);
  till.admitted(hold, tokens(maxOutputTokens));
  till.settling(hold, tokens(outputTokens));
  const elsewhere = draw(4) === 0 ? 1 : 0;
  for (let tries = elsewhere; performance.now() < market.giveUpAt; tries += 1) {
    const said = await gatewayOf(market, 3 + tries).settle(hold, inputTokens, outputTokens);
    if (said.kind === 'said' && said.status === 202) {
      return till.settled(hold, tokens(outputTokens));
    }
    if (said.kind === 'said' && said.status < 500 && ![408, 429].includes(said.status)) {
      return market.fault(`a settlement was answered ${said.status}`);
    }
    await pause(AGAIN_FROM_MS + draw(AGAIN_FROM_MS));
  }
  market.fault('a hold could not be settled in time');
}
