/** The most leases that one hold names: more do not fit in its token. */
export const MAX_HOLD_PARTS = 200;
/** Of the id of a gateway process. */
export const GATEWAY_LENGTH = 80;
/** Leases are numbered by Postgres; on the wire in digits. */
export const LEASE_NUMBER = /^[1-9][0-9]{0,15}$/;
