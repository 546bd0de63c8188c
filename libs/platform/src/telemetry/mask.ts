/** What stands in a log line instead of a secret. */
export const MASK = '***';

/** Fields whose value is never logged, however deep they stand. */
const SECRET_FIELDS =
  'authorization|proxy-authorization|cookie|set-cookie|x-tallyward-caller|password|passwd|secret|apikey|api_key';

/** One character of a JSON string, and one of a JSON string inside a JSON string. */
const CHARACTER = String.raw`(?:[^"\\]|\\.)`;
const NESTED_CHARACTER = String.raw`(?:[^"\\]|\\\\(?:\\.|[^\\]))`;

const field = (quote: string): string => `(${quote}(?:${SECRET_FIELDS})${quote}\\s*:\\s*)`;
const list = (quote: string, character: string): string =>
  String.raw`\[(?:[^\]"\\]|${quote}${character}*${quote})*\]`;

const stringField = new RegExp(`${field('"')}"${CHARACTER}*"`, 'gi');
const listField = new RegExp(`${field('"')}${list('"', CHARACTER)}`, 'gi');
const nestedField = new RegExp(`${field('\\\\"')}\\\\"${NESTED_CHARACTER}*\\\\"`, 'gi');
const nestedList = new RegExp(`${field('\\\\"')}${list('\\\\"', NESTED_CHARACTER)}`, 'gi');
/** Header lines in plain text, up to the end of the line or of the string. */
const headerLine = new RegExp(
  `((?:^|[^\\w-])(?:${SECRET_FIELDS})\\s*[:=]\\s*)[^\\\\"\\r\\n]+`,
  'gi',
);
const apiKey = /(tw(?:_|%5f)[A-Za-z0-9]{1,64}(?:_|%5f))[A-Za-z0-9._~%-]+/gi;
/** Three parts with dots between; the look-behind keeps a long run of letters linear. */
const threeParts = /(?<![\w-])[\w-]{8,}\.[\w-]*\.[\w-]*/g;
const credentials = /\b(Bearer|Basic)(\s+)[A-Za-z0-9._~+/=-]{8,}/gi;
/** Bounded in each part: without, a long run of letters would be scanned from each of them. */
const addressPassword = new RegExp(
  String.raw`(\b[a-z][a-z0-9+.-]{0,30}(?::|%3a)(?:/|%2f){2}[^\s:/@"\\%]{0,256}(?::|%3a))` +
    String.raw`[^\s@"\\/]{1,1024}(?=@|%40)`,
  'gi',
);

const withoutToken = (run: string): string => (run.includes('eyJ') ? MASK : run);

/**
 * Masks secrets in a serialised log line: API keys (the key id stays), signed callers, credentials,
 * passwords in addresses, and the values of secret fields. It works on the finished line, so that
 * no path through serialisers, error causes or stacks goes round it.
 */
export function maskSecrets(line: string, literals: readonly string[] = []): string {
  let masked = line
    .replace(stringField, `$1"${MASK}"`)
    .replace(listField, `$1["${MASK}"]`)
    .replace(nestedField, `$1\\"${MASK}\\"`)
    .replace(nestedList, `$1[\\"${MASK}\\"]`)
    .replace(headerLine, `$1${MASK}`)
    .replace(apiKey, `$1${MASK}`)
    .replace(threeParts, withoutToken)
    .replace(credentials, `$1$2${MASK}`)
    .replace(addressPassword, `$1${MASK}`);
  for (const literal of literals) {
    masked = masked.replaceAll(literal, MASK);
    masked = masked.replaceAll(JSON.stringify(literal).slice(1, -1), MASK);
  }
  return masked;
}
