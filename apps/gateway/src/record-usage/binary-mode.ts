import type { IncomingHttpHeaders } from 'node:http';

const PREFIX = 'ce-';
const VISIBLE_ASCII = /^[\x20-\x7e]*$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

export function isBinaryMode(headers: IncomingHttpHeaders): boolean {
  for (const name in headers) if (name.startsWith(PREFIX)) return true;
  return false;
}

export type BinaryAttributes =
  | { readonly kind: 'attributes'; readonly attributes: Record<string, string> }
  | { readonly kind: 'fault'; readonly detail: string };

/**
 * The event's attributes from `ce-` headers, as CloudEvents' HTTP binding encodes them (3.1.3.2):
 * a quoted value is unquoted, then percent-decoded once, as UTF-8.
 */
export function binaryAttributes(headers: IncomingHttpHeaders): BinaryAttributes {
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(PREFIX) || typeof value !== 'string') continue;
    const decoded = decode(value);
    if (decoded === null)
      return { kind: 'fault', detail: `The header ${name} is not encoded well.` };
    attributes[name.slice(PREFIX.length)] = decoded;
  }
  return { kind: 'attributes', attributes };
}

function decode(header: string): string | null {
  if (!VISIBLE_ASCII.test(header)) return null;
  const text = /^".*"$/.test(header) ? header.slice(1, -1).replaceAll(/\\(.)/g, '$1') : header;
  if (!text.includes('%')) return text;
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return null;
  const bytes = Buffer.from(
    text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(parseInt(hex, 16)),
    ),
    'latin1',
  );
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
