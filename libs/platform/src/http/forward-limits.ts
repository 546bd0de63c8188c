/** Every limit towards a service behind the gateway, by name. */

/** How long it may take until its answer begins, the upload of the request included. */
export const FORWARD_DEADLINE_MS = 30_000;
/** How long an answer that has begun may make no progress, for want of bytes or of a reader. */
export const FORWARD_SILENCE_MS = 30_000;
/** Sockets to one service behind; further requests wait for one, within their deadline. */
export const FORWARD_SOCKETS = 128;
/** Idle sockets kept to one service. */
export const FORWARD_IDLE_SOCKETS = 32;
/**
 * How long an idle socket is kept: shorter than the server keeps it, so that none dies under a
 * request.
 */
export const FORWARD_IDLE_MS = 5_000;
