import { ByteReader, ByteWriter } from './byte-fields';

/** The part of a hold that one lease carries. */
export interface TokenPart {
  /** Leases are numbered by Postgres. */
  readonly lease: number;
  readonly amount: number;
}

/** Whose limits a call was checked against, beside the customer's; '' where it named none. */
export interface HoldLabels {
  readonly workspace: string;
  readonly user: string;
  readonly role: string;
}

/** What a hold's token says to whichever gateway settles it (PROTOCOL 9). Instants epoch ms. */
export interface HoldToken {
  /** The hold's own number at its gateway process. */
  readonly hold: number;
  /** The gateway process, with its random id. */
  readonly gateway: string;
  readonly project: string;
  readonly customer: string;
  readonly tier: { readonly name: string; readonly version: number };
  /** A settlement that names none of these is theirs. */
  readonly labels: HoldLabels;
  readonly admittedAt: number;
  readonly expiresAt: number;
  readonly parts: readonly TokenPart[];
}

/** The most a token may be before it is signed, so that a signed one has at most 512 characters. */
export const MAX_TOKEN_BYTES = 368;
const FORMAT = 1;

/**
 * A token's bytes, to be signed; null: too long, so take leases of one grant, whose numbers follow
 * each other.
 */
export function encodeHold(token: HoldToken): Uint8Array | null {
  const { hold, gateway, project, customer, tier, labels, admittedAt, expiresAt, parts } = token;
  const writer = new ByteWriter()
    .whole(FORMAT)
    .whole(hold)
    .text(gateway)
    .text(project)
    .text(customer)
    .text(tier.name)
    .whole(tier.version)
    .text(labels.workspace)
    .text(labels.user)
    .text(labels.role)
    .whole(admittedAt)
    .whole(expiresAt - admittedAt)
    .whole(parts.length);
  let last = 0;
  for (const { lease, amount } of parts) {
    writer.signed(lease - last).whole(amount);
    last = lease;
  }
  const bytes = writer.done();
  return bytes.length > MAX_TOKEN_BYTES ? null : bytes;
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
  const [hold, gateway, project] = [reader.whole(), reader.text(), reader.text()];
  const [customer, name, version] = [reader.text(), reader.text(), reader.whole()];
  const [workspace, user, role] = [reader.text(), reader.text(), reader.text()];
  const [admittedAt, lasts] = [reader.whole(), reader.whole()];
  const parts: TokenPart[] = [];
  let lease = 0;
  for (let left = reader.whole(); left > 0; left -= 1) {
    lease += reader.signed();
    parts.push({ lease, amount: reader.whole() });
  }
  if (!reader.isAtEnd) return null;
  const tier = { name, version };
  return {
    hold,
    gateway,
    project,
    customer,
    tier,
    labels: { workspace, user, role },
    admittedAt,
    expiresAt: admittedAt + lasts,
    parts,
  };
}
