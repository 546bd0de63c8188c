/** Every limit of the HTTP server, by name. */

/** Largest body taken; above: 413. */
export const BODY_LIMIT_BYTES = 1_048_576;
/** Longest path parameter: a hold id of 512 characters, percent-encoded names of 128 bytes. */
export const MAX_PARAM_LENGTH = 1_024;
/** Largest request line and headers together; above: 431. */
export const MAX_HEADER_BYTES = 32_768;
/** Most request headers looked at; Node drops what is beyond. */
export const MAX_HEADER_COUNT = 200;
/** How long the headers of a request may take to arrive. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** How long a whole request may take to arrive. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** How often Node looks for requests that are late; 408 comes at most this much later. */
export const LATE_REQUEST_CHECK_MS = 1_000;
/**
 * How long an idle connection is kept; longer than any client of ours keeps one, so that they
 * close first.
 */
export const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** Most connections at once; further ones are refused by the socket. */
export const MAX_CONNECTIONS = 10_000;
/** How long running requests may take to end when the service stops; then their sockets are cut. */
export const DRAIN_DEADLINE_MS = 10_000;
/** How often connections that have come to rest are closed while the service stops. */
export const DRAIN_SWEEP_MS = 50;
