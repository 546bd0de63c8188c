import { demandOf, type Estimate } from '../tiers/demand';
import type { Amounts } from '../units';
import { ByteReader, ByteWriter } from './byte-fields';

/** The part of a hold that one lease carries. */
export interface TokenPart {
  /** Leases are numbered by Postgres, from 1; below 2^48. */
  readonly lease: number;
  readonly amount: number;
}

/** Whose limits a call was checked against, beside the customer's; '' where it named none. */
export interface HoldLabels {
  readonly workspace: string;
  readonly user: string;
  readonly role: string;
}

/**
 * What a hold's token says to whichever gateway settles it (PROTOCOL 9). Instants epoch ms. The
 * project is not among it: the signature is bound to it.
 */
export interface HoldToken {
  /** The hold's own number at its gateway process. */
  readonly hold: number;
  /** The gateway process, with its random id. */
  readonly gateway: string;
  readonly customer: string;
  readonly tier: { readonly name: string; readonly version: number };
  /** The group that was to serve the call; the hold is of its limits. */
  readonly modelGroup: string;
  /** The most the call was to use. */
  readonly estimate: Estimate;
  /** A settlement that names none of these is theirs. */
  readonly labels: HoldLabels;
  readonly admittedAt: number;
  readonly expiresAt: number;
  readonly parts: readonly TokenPart[];
}

/** The most a token may be before it is signed, so that a signed one has at most 512 characters. */
export const MAX_TOKEN_BYTES = 368;
/** Names of so many bytes together fit into the token of a call that meets any number of limits. */
export const TOKEN_NAME_BYTES = 100;
const FORMAT = 1;

/** What a part mostly holds: the whole need of one of these. Their order is the token's format. */
const NEEDS = ['calls', 'tokens', 'inputTokens', 'outputTokens', 'images', 'toolCalls'] as const;
/** With a lease's distance to the one before it stands which need it holds: more than NEEDS. */
const CODES = 8;

/**
 * Writes a token's bytes, to be signed, and says how many they are. Null where they do not fit:
 * then the names are too long, or the leases too many – those of one grant, whose numbers follow
 * each other, take one byte each, others three or four. Beside MOST_LIMITS_MET leases of four bytes
 * there is room for names of TOKEN_NAME_BYTES together.
 */
export function encodeHold(token: HoldToken, into: Uint8Array): number | null {
  const { tier, estimate, labels, admittedAt, parts } = token;
  const writer = new ByteWriter(into)
    .whole(FORMAT)
    .whole(token.hold)
    .text(token.gateway)
    .text(token.customer)
    .text(tier.name)
    .whole(tier.version)
    .text(token.modelGroup)
    .whole(estimate.inputTokens)
    .whole(estimate.maxOutputTokens)
    .whole(estimate.images)
    .whole(estimate.toolCalls)
    .text(labels.workspace)
    .text(labels.user)
    .text(labels.role)
    .whole(admittedAt)
    .whole(token.expiresAt - admittedAt)
    .whole(parts.length);
  const demand = demandOf(estimate);
  let last = 0;
  for (const { lease, amount } of parts) {
    const need = needIn(demand, amount);
    writer.signed((lease - last - 1) * CODES + need);
    if (need === 0) writer.whole(amount);
    last = lease;
  }
  return writer.done();
}

/** Which need an amount is, from 1; 0: none of them. */
function needIn(demand: Amounts, amount: number): number {
  for (let index = 0; index < NEEDS.length; index++) {
    if (demand[NEEDS[index] as keyof Amounts] === amount) return index + 1;
  }
  return 0;
}

/** Null for bytes that encodeHold did not write; the signature is checked before. */
export function decodeHold(bytes: Uint8Array): HoldToken | null {
  try {
    return readHold(new ByteReader(bytes));
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return null;
    throw error;
  }
}

function readHold(reader: ByteReader): HoldToken | null {
  if (reader.whole() !== FORMAT) return null;
  const [hold, gateway, customer] = [reader.whole(), reader.text(), reader.text()];
  const tier = { name: reader.text(), version: reader.whole() };
  const modelGroup = reader.text();
  const estimate = {
    inputTokens: reader.whole(),
    maxOutputTokens: reader.whole(),
    images: reader.whole(),
    toolCalls: reader.whole(),
  };
  const labels = { workspace: reader.text(), user: reader.text(), role: reader.text() };
  const [admittedAt, lasts] = [reader.whole(), reader.whole()];
  const parts = readParts(reader, demandOf(estimate));
  if (!reader.isAtEnd) return null;
  const expiresAt = admittedAt + lasts;
  return {
    hold,
    gateway,
    customer,
    tier,
    modelGroup,
    estimate,
    labels,
    admittedAt,
    expiresAt,
    parts,
  };
}

function readParts(reader: ByteReader, demand: Amounts): TokenPart[] {
  const parts: TokenPart[] = [];
  let lease = 0;
  for (let left = reader.whole(); left > 0; left -= 1) {
    const [distance, need] = apart(reader.signed());
    lease += distance + 1;
    parts.push({ lease, amount: readAmount(reader, need, demand) });
  }
  return parts;
}

function apart(both: number): [distance: number, need: number] {
  const distance = Math.floor(both / CODES);
  return [distance, both - distance * CODES];
}

function readAmount(reader: ByteReader, need: number, demand: Amounts): number {
  if (need === 0) return reader.whole();
  const unit = NEEDS[need - 1];
  if (unit === undefined) throw new RangeError('a part of no known unit');
  return demand[unit];
}
