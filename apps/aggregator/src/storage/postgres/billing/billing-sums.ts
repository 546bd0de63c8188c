import { amountsRecord, PROOF_MODULUS, UNITS } from '@tallyward/domain';
import type { SideProof } from '../../../close-periods/closing';
import { UNIT_COLUMNS } from '../../clickhouse/columns';

/** Every unit's sum and the sum of the proofs, of rows that have those columns. */
export const SUMS = [
  ...UNITS.map((unit) => `coalesce(sum(${UNIT_COLUMNS[unit]}), 0) AS ${UNIT_COLUMNS[unit]}`),
  `coalesce(sum(proof), 0) % ${PROOF_MODULUS} AS proof`,
].join(', ');

export type SumsRow = Readonly<Record<string, string>>;

export function sideOf(row: SumsRow): SideProof {
  return {
    amounts: amountsRecord((unit) => Number(row[UNIT_COLUMNS[unit]])),
    proof: BigInt(row['proof'] ?? '0'),
  };
}
