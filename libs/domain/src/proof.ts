import { joinFields } from './identity';
import { UNITS } from './units';
import type { UsageEvent } from './usage-event';

/** A sum of proofs is taken modulo this. */
export const PROOF_MODULUS = 1n << 128n;

/**
 * What the proof hashes of an event that counts (PROTOCOL 25): customer, source, id, time (epoch
 * ms), model, group, workspace, user, role, each unit in the order of UNITS. ClickHouse builds
 * the same bytes from its columns.
 */
export function proofText(event: UsageEvent): string {
  const { customer, source, id, time, model, modelGroup, workspace, user, role } = event;
  const fields = [customer, source, id, time, model, modelGroup, workspace, user, role];
  for (const unit of UNITS) fields.push(event.amounts[unit]);
  return joinFields(fields);
}

/**
 * The 16 bytes of an MD5 as a number, least significant byte first (ClickHouse:
 * reinterpretAsUInt128).
 */
export function proofOfDigest(md5: Uint8Array): bigint {
  const bytes = new DataView(md5.buffer, md5.byteOffset, 16);
  return (bytes.getBigUint64(8, true) << 64n) | bytes.getBigUint64(0, true);
}

/** A sum, not XOR: an event counted twice shows. */
export function addProofs(a: bigint, b: bigint): bigint {
  return (a + b) % PROOF_MODULUS;
}

/** What a void takes back. */
export function takeProof(from: bigint, proof: bigint): bigint {
  return addProofs(from, PROOF_MODULUS - (proof % PROOF_MODULUS));
}

/** As people and records read it: 32 hexadecimal digits. */
export function proofHex(proof: bigint): string {
  return proof.toString(16).padStart(32, '0');
}
