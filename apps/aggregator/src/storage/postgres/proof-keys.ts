import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Where an identity would count. */
export interface KeyPlace {
  /** Hexadecimal digits. */
  readonly identity: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** What the proofs fold counted. */
@Injectable()
export class ProofKeys {
  constructor(private readonly dataSource: DataSource) {}

  /** Those of the places whose identity counts there, and nowhere before. */
  async countedAt<P extends KeyPlace>(places: readonly P[]): Promise<P[]> {
    if (places.length === 0) return [];
    const rows = await this.dataSource.query<{ identity: string; place: string }[]>(
      `SELECT encode(identity, 'hex') AS identity, partition || '@' || "offset" AS place
       FROM proof_key
       WHERE identity = ANY (SELECT decode(i, 'hex') FROM unnest($1::text[]) AS i)`,
      [places.map(({ identity }) => identity)],
    );
    const placeOf = new Map(rows.map(({ identity, place }) => [identity, place]));
    return places.filter(
      ({ identity, partition, offset }) => placeOf.get(identity) === `${partition}@${offset}`,
    );
  }
}
