/** What stands in a log line instead of a secret. */
export const MASK = '***';

/** Fields whose value is never logged, however deep they stand. */
const SECRET_FIELDS =
  'authorization|proxy-authorization|cookie|set-cookie|x-tallyward-caller|password|passwd|secret|apikey|api_key';

const stringField = new RegExp(`("(?:${SECRET_FIELDS})"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, 'gi');
const listField = new RegExp(
  `("(?:${SECRET_FIELDS})"\\s*:\\s*)\\[(?:[^\\]"]|"(?:[^"\\\\]|\\\\.)*")*\\]`,
  'gi',
);
/** The same inside a string that is itself JSON: quotes come with one backslash. */
const nestedField = new RegExp(
  `(\\\\"(?:${SECRET_FIELDS})\\\\"\\s*:\\s*)\\\\"(?:[^"\\\\]|\\\\\\\\.)*\\\\"`,
  'gi',
);
/** Header lines in plain text, up to the end of the line or of the string. */
const headerLine = new RegExp(
  `((?:^|[^\\w"-])(?:${SECRET_FIELDS})\\s*[:=]\\s*)[^\\\\"\\r\\n]+`,
  'gi',
);
const apiKey = /(tw(?:_|%5f)[A-Za-z0-9]{1,64}(?:_|%5f))[A-Za-z0-9._~%-]+/gi;
const token = /eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*/g;
const credentials = /\b(Bearer|Basic)(\s+)[A-Za-z0-9._~+/=-]{8,}/gi;
const addressPassword = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@"\\]*:)[^\s@"\\/]+(?=@)/gi;

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
    .replace(headerLine, `$1${MASK}`)
    .replace(apiKey, `$1${MASK}`)
    .replace(token, MASK)
    .replace(credentials, `$1$2${MASK}`)
    .replace(addressPassword, `$1${MASK}`);
  for (const literal of literals) {
    masked = masked.replaceAll(literal, MASK);
    masked = masked.replaceAll(JSON.stringify(literal).slice(1, -1), MASK);
  }
  return masked;
}
