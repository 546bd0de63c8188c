/** The advisory lock of the one relay that publishes the outbox, as SQL. */
export const OUTBOX_LOCK = `hashtextextended('tallyward:entitlement:outbox', 0)`;

/** Ends the session of the relay, once somebody waits in line for its lock. */
export const ENDED_RELAY = `
  SELECT pg_terminate_backend(held.pid) FROM pg_locks held JOIN pg_locks waiting
    USING (locktype, database, classid, objid, objsubid)
  WHERE held.locktype = 'advisory' AND held.granted AND NOT waiting.granted
    AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
