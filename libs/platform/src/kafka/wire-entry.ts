import { LogEntry } from './follow-types';

interface Fetched {
  offset: string;
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
  headers?: Record<string, Buffer | string | (Buffer | string)[] | null | undefined>;
}

/** Headers are decoded when first asked for: most readers want none of them. */
class WireEntry implements LogEntry {
  readonly offset: bigint;
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly appendedAt: number;
  private decoded: Record<string, string> | undefined;

  constructor(private readonly fetched: Fetched) {
    this.offset = BigInt(fetched.offset);
    this.key = fetched.key === null ? null : fetched.key.toString('utf8');
    this.value = fetched.value;
    this.appendedAt = Number(fetched.timestamp);
  }

  get headers(): Record<string, string> {
    this.decoded ??= decode(this.fetched.headers ?? {});
    return this.decoded;
  }
}

export function toEntry(fetched: Fetched): LogEntry {
  return new WireEntry(fetched);
}

/** Of a header that stands several times, the last counts. */
function decode(headers: NonNullable<Fetched['headers']>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== null && last !== undefined) texts[name] = last.toString();
  }
  return texts;
}
