/**
 * Text that Postgres takes: NUL becomes U+FFFD, as does a lone surrogate on its way through UTF-8.
 * For what strangers wrote; names are checked at the door.
 */
export function storableText(text: string): string {
  return text.replaceAll('\u0000', '\ufffd');
}
