import { isUtf8 } from 'node:buffer';

/** JSON that was read, or what is wrong with its text. */
export type ReadJson =
  { readonly kind: 'json'; readonly value: unknown } | { readonly kind: 'fault'; detail: string };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
const CLOSE_OBJECT = 0x7d;
const CLOSE_ARRAY = 0x5d;

/**
 * Parses JSON in UTF-8 of at most `maxDepth` objects and arrays open at once. The depth is counted
 * over the bytes before anything is parsed. A text that names one member twice is refused: which of
 * the two holds differs from reader to reader, and canonical JSON has no such text (RFC 8785).
 */
export function readJson(bytes: Buffer, maxDepth: number): ReadJson {
  if (!isUtf8(bytes)) return fault('The body is not UTF-8.');
  const { depth, members } = shapeOf(bytes);
  if (depth > maxDepth) return fault(`The JSON is more than ${maxDepth} levels deep.`);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return fault('The body is not valid JSON.');
  }
  if (membersOf(value) !== members) return fault('A JSON object names one member twice.');
  return { kind: 'json', value };
}

function fault(detail: string): ReadJson {
  return { kind: 'fault', detail };
}

interface Shape {
  readonly depth: number;
  /** How many members the objects have together. */
  readonly members: number;
}

/** What a glance at the bytes tells: outside of strings, brackets are depth and colons members. */
function shapeOf(bytes: Buffer): Shape {
  let open = 0;
  let depth = 0;
  let members = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (byte === COLON) members++;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth = Math.max(depth, ++open);
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) open--;
  }
  return { depth, members };
}

function endOfString(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}

function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) members += membersOf(item);
    return members;
  }
  for (const key in value) members += 1 + membersOf((value as Record<string, unknown>)[key]);
  return members;
}
