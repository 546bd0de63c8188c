import { storedSetAside } from '../storage/stored-set-aside';
import type { Fleet } from './fleet';
import { isSince, placeOf, type LogPlaces } from './logged';
import { publishedSetAside } from './published';

/** An entry of the log that was not counted, and why. */
export interface SetAside {
  /** `partition/offset`. */
  readonly place: string;
  readonly reason: string;
}

/** Where the product says what it did not count. */
export interface SetAsides {
  /** What `GET /v1/quarantine` shows. */
  readonly quarantine: readonly SetAside[];
  /** The warehouse fold's own. */
  readonly warehouse: readonly SetAside[];
  /** `usage.quarantine.v1`, where an entry may come more than once. */
  readonly published: readonly SetAside[];
}

/** Of the entries that the log has got since then; the outbox has been emptied before. */
export async function setAsideSince(fleet: Fleet, since: LogPlaces): Promise<SetAsides> {
  const { quarantine, warehouse } = await storedSetAside(fleet.bed.postgres.admin);
  const published = await publishedSetAside(fleet);
  type Row = (typeof quarantine)[number];
  const ofRow = (rows: readonly Row[]): SetAside[] =>
    rows
      .filter(({ partition, offset }) => isSince(since, partition, BigInt(offset)))
      .map(({ partition, offset, reason }) => ({ place: placeOf(partition, offset), reason }));
  return {
    quarantine: ofRow(quarantine),
    warehouse: ofRow(warehouse),
    published: ofRow(published),
  };
}
