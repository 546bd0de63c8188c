import { customerSnapshot, projectSnapshot, tierSnapshot } from '@tallyward/contracts';
import { createHash } from 'node:crypto';

/** The last word of the snapshot topic about one key. */
export interface LastWord {
  /** A project's or a customer's version, a tier version's revision. */
  readonly version: number;
  readonly digest: string;
}

const READERS: Record<string, (value: unknown) => LastWord | undefined> = {
  p: (value) => {
    const { data } = projectSnapshot.safeParse(value);
    return data && { version: data.version, digest: digestOf(data) };
  },
  t: (value) => {
    const { data } = tierSnapshot.safeParse(value);
    return data && { version: data.revision, digest: digestOf(data) };
  },
  c: (value) => {
    const { data } = customerSnapshot.safeParse(value);
    return data && { version: data.version, digest: digestOf(data) };
  },
};

/** What an entry of the topic says; undefined: nothing that a gateway could read. */
export function wordOf(key: string, value: Buffer | string | null): LastWord | undefined {
  try {
    return READERS[key.slice(0, 1)]?.(JSON.parse(value?.toString('utf8') ?? ''));
  } catch {
    return undefined;
  }
}

function digestOf(snapshot: unknown): string {
  return createHash('sha256').update(JSON.stringify(snapshot)).digest('hex');
}
