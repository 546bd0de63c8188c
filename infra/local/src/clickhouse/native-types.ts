/** How long a column of a Native block is: what is needed to find where the next one begins. */
export class BlockReader {
  at = 0;

  constructor(readonly bytes: Buffer) {}

  skip(length: number): void {
    this.at += length;
    if (this.at > this.bytes.length) throw new Incomplete();
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 49; shift += 7) {
      const byte = this.bytes[this.at];
      if (byte === undefined) throw new Incomplete();
      this.at++;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new Error('a length in a Native block is out of range');
  }

  uint64(): number {
    this.skip(8);
    return Number(this.bytes.readBigUInt64LE(this.at - 8));
  }

  string(): string {
    const length = this.varint();
    this.skip(length);
    return this.bytes.toString('utf8', this.at - length, this.at);
  }
}

/** More bytes have to come before the block can be read to its end. */
export class Incomplete extends Error {}
export class UnknownType extends Error {}

const FIXED: Readonly<Record<string, number>> = {
  ...{ Int8: 1, UInt8: 1, Bool: 1, Enum8: 1, Nothing: 1, Int16: 2, UInt16: 2, Enum16: 2, Date: 2 },
  ...{ Int32: 4, UInt32: 4, Float32: 4, Date32: 4, DateTime: 4, IPv4: 4, Time: 4, BFloat16: 2 },
  ...{ Int64: 8, UInt64: 8, Float64: 8, DateTime64: 8, Time64: 8, Int128: 16, UInt128: 16 },
  ...{ UUID: 16, IPv6: 16, Int256: 32, UInt256: 32, Point: 16 },
  ...{ Decimal32: 4, Decimal64: 8, Decimal128: 16, Decimal256: 32 },
};

interface Parsed {
  readonly name: string;
  readonly args: readonly string[];
}

/** `Map(String, Array(UInt8))` → Map with two arguments; quotes and brackets keep commas in. */
function parse(type: string): Parsed {
  const open = type.indexOf('(');
  if (open < 0) return { name: type.trim(), args: [] };
  const args: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let i = open + 1; i < type.length; i++) {
    const c = type[i];
    if (c === "'" || c === '`') {
      while (++i < type.length && type[i] !== c) if (type[i] === '\\') i++;
    } else if (c === '(') depth++;
    else if (depth === 0 && (c === ',' || c === ')')) {
      if (type.slice(from, i).trim() !== '') args.push(type.slice(from, i).trim());
      from = i + 1;
    } else if (c === ')') depth--;
  }
  return { name: type.slice(0, open).trim(), args };
}

/** An element of a tuple may have a name in front of its type. */
function unnamed(element: string): string {
  const named = /^(?:`(?:[^`\\]|\\.)*`|[A-Za-z_][A-Za-z0-9_]*) (?=[A-Za-z])/.exec(element);
  return named ? element.slice(named[0].length) : element;
}

function decimalBytes(precision: number): number {
  if (precision <= 9) return 4;
  if (precision <= 18) return 8;
  return precision <= 38 ? 16 : 32;
}

/** The parts of a type that are columns of their own, in the order they are written. */
function partsOf({ name, args }: Parsed): readonly string[] {
  if (name === 'Tuple') return args.map(unnamed);
  if (name === 'Nested') return [`Tuple(${args.join(', ')})`];
  if (name === 'Map') return [`Tuple(${args.join(', ')})`];
  if (name === 'SimpleAggregateFunction') return args.slice(1);
  return ['Array', 'Nullable'].includes(name) ? args : [];
}

/** A LowCardinality writes the version of its keys before any data of the whole column. */
export function skipPrefix(reader: BlockReader, type: string): void {
  const parsed = parse(type);
  if (parsed.name === 'LowCardinality') reader.skip(8);
  else for (const part of partsOf(parsed)) skipPrefix(reader, part);
}

export function skipData(reader: BlockReader, type: string, rows: number): void {
  const parsed = parse(type);
  const { name, args } = parsed;
  const fixed = FIXED[name] ?? (name.startsWith('Interval') ? 8 : undefined);
  if (fixed !== undefined) return reader.skip(fixed * rows);
  if (name === 'FixedString') return reader.skip(Number(args[0]) * rows);
  if (name === 'Decimal') return reader.skip(decimalBytes(Number(args[0])) * rows);
  if (name === 'String') {
    for (let i = 0; i < rows; i++) reader.skip(reader.varint());
    return;
  }
  if (name === 'LowCardinality') return skipLowCardinality(reader, args[0] ?? '', rows);
  if (name === 'Nullable') reader.skip(rows);
  const isArray = name === 'Array' || name === 'Map' || name === 'Nested';
  const parts = partsOf(parsed);
  if (parts.length === 0 && name !== 'Tuple') throw new UnknownType(type);
  if (parts.length === 0) return reader.skip(rows);
  let inner = rows;
  if (isArray) {
    inner = 0;
    for (let i = 0; i < rows; i++) inner = reader.uint64();
  }
  for (const part of parts) skipData(reader, part, inner);
}

const INDEX_WIDTH = 0xff;
const HAS_KEYS = 1 << 9;

function skipLowCardinality(reader: BlockReader, type: string, rows: number): void {
  if (rows === 0) return;
  const inner = type.startsWith('Nullable(') ? type.slice('Nullable('.length, -1) : type;
  for (let left = rows; left > 0;) {
    const flags = reader.uint64();
    if (flags & HAS_KEYS) skipData(reader, inner, reader.uint64());
    const count = reader.uint64();
    if (count === 0) throw new Error('a LowCardinality column without rows');
    reader.skip(count * 2 ** (flags & INDEX_WIDTH));
    left -= count;
  }
}
