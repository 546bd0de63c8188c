import { LogEntry } from './follow-types';
import { ReadPlaces, ReadRange } from './read-types';

/** Places no further apart than this are read in one go. */
export const NEAR_ENTRIES = 500n;
/** A batch of the broker comes whole, however little is asked for. */
const FETCH_BYTES = 64 * 1024;

/** Reads single entries: places that lie near each other with one range, one range at a time. */
export async function readPlaces(
  { topic, partition, offsets }: ReadPlaces,
  readRange: (range: ReadRange) => Promise<unknown>,
): Promise<LogEntry[]> {
  const wanted = new Set(offsets);
  const found: LogEntry[] = [];
  for (const { from, to } of rangesOf([...wanted])) {
    await readRange({
      topic,
      partition,
      from,
      to,
      maxBytes: FETCH_BYTES,
      onEntries: (entries) => {
        for (const entry of entries) if (wanted.has(entry.offset)) found.push(entry);
      },
    });
  }
  return found;
}

function rangesOf(offsets: bigint[]): { from: bigint; to: bigint }[] {
  const ranges: { from: bigint; to: bigint }[] = [];
  for (const offset of offsets.sort((a, b) => (a < b ? -1 : 1))) {
    const last = ranges.at(-1);
    if (last && offset - last.to < NEAR_ENTRIES) last.to = offset + 1n;
    else ranges.push({ from: offset, to: offset + 1n });
  }
  return ranges;
}
