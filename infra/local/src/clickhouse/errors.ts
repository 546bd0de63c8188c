/** What the engine (or this server in its words) says when a request fails. */
export interface Failure {
  readonly code: number;
  /** ClickHouse's name of the code, as in `UNKNOWN_TABLE`. */
  readonly name: string;
  readonly message: string;
}

export class QueryFailed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

export const failed = (code: number, name: string, message: string): QueryFailed =>
  new QueryFailed({ code, name, message });

const ENGINE_WORDS = /Code: (\d+)\. DB::Exception: ([\s\S]*?) \(([A-Z0-9_]+)\)\s*$/;
const FILES_INSIDE =
  /(?:: )?\(in file\/uri [^()]*\)|: While executing File|: data for INSERT was parsed from file/g;
const VERSION_INSIDE = / \(version [^()]*(?:\([^()]*\))?\)\.?/g;

/** The engine's own exception in chdb's wrapping → code, name and message without the wrapping. */
export function failureOf(error: unknown): Failure {
  if (error instanceof QueryFailed) return error.failure;
  const text = error instanceof Error ? error.message : String(error);
  const words = ENGINE_WORDS.exec(text);
  if (!words) return { code: 1002, name: 'UNKNOWN_EXCEPTION', message: text };
  const name = words[3] ?? 'UNKNOWN_EXCEPTION';
  // chdb wraps some exceptions twice and names its own files: the inner words are the server's
  let message = (words[2] ?? '').replace(VERSION_INSIDE, '').replace(FILES_INSIDE, '');
  message = message.replace(/^(?:Code: \d+\. DB::Exception: )+/, '');
  while (message.endsWith(` (${name})`)) message = message.slice(0, -name.length - 3);
  return { code: Number(words[1]), name, message };
}

/** The body of an error answer, as a server writes it; clients read code and name out of it. */
export const errorText = (failure: Failure, version: string): string =>
  `Code: ${failure.code}. DB::Exception: ${failure.message} ` +
  `(${failure.name}) (version ${version} (official build))\n`;

const STATUS_OF: Readonly<Record<string, number>> = {
  REQUIRED_PASSWORD: 401,
  QUERY_IS_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  NOT_IMPLEMENTED: 501,
  SOCKET_TIMEOUT: 503,
  CANNOT_OPEN_FILE: 503,
  CANNOT_SCHEDULE_TASK: 503,
  TIMEOUT_EXCEEDED: 408,
  HTTP_LENGTH_REQUIRED: 411,
  // 500 on a server; here the client must come again, and 503 is what says so
  TOO_MANY_SIMULTANEOUS_QUERIES: 503,
  TOO_MANY_BYTES: 413,
};

const FORBIDDEN =
  /^(?:UNKNOWN_USER|WRONG_PASSWORD|AUTHENTICATION_FAILED|SET_NON_GRANTED_ROLE|ACCESS_DENIED)$/;
const BAD_REQUEST = new RegExp(
  '^(?:BAD_ARGUMENTS|CANNOT_COMPILE_REGEXP|DUPLICATE_COLUMN|ILLEGAL_COLUMN|THERE_IS_NO_COLUMN' +
    '|CANNOT_PARSE_(?:TEXT|ESCAPE_SEQUENCE|QUOTED_STRING|DATE|DATETIME|NUMBER|IPV4|IPV6|UUID' +
    '|DOMAIN_VALUE_FROM_STRING|INPUT_ASSERTION_FAILED)|UNKNOWN_ELEMENT_IN_AST' +
    '|UNKNOWN_TYPE_OF_AST_NODE|TOO_DEEP_AST|TOO_BIG_AST|UNEXPECTED_AST_STRUCTURE|SYNTAX_ERROR' +
    '|INCORRECT_DATA|TYPE_MISMATCH|VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE)$',
);
const NOT_FOUND = new RegExp(
  '^UNKNOWN_(?:TABLE|FUNCTION|IDENTIFIER|TYPE|STORAGE|DATABASE|SETTING|DIRECTION_OF_SORTING' +
    '|AGGREGATE_FUNCTION|FORMAT|DATABASE_ENGINE|TYPE_OF_QUERY|ROLE)$',
);

/** The HTTP status of a failure, as ClickHouse's exceptionCodeToHTTPStatus has it. */
export function statusOf(failure: Failure): number {
  if (FORBIDDEN.test(failure.name)) return 403;
  if (BAD_REQUEST.test(failure.name)) return 400;
  if (NOT_FOUND.test(failure.name)) return 404;
  return STATUS_OF[failure.name] ?? 500;
}
