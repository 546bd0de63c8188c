-- Roles and schemas of Tallyward, run in its database: by the postgres image at its first start
-- (psql), and by the local engines at every start, so it may be run again.
-- Each service owns its own schema and sees nothing else; the auditor reads both, writes neither.
\getenv entitlement_password TALLYWARD_POSTGRES_ENTITLEMENT_PASSWORD
\getenv aggregator_password TALLYWARD_POSTGRES_AGGREGATOR_PASSWORD
\getenv auditor_password TALLYWARD_POSTGRES_AUDITOR_PASSWORD

-- Variables are not replaced inside a DO block: it reads them from the session instead.
SELECT set_config('tallyward.entitlement', :'entitlement_password', false),
       set_config('tallyward.aggregator', :'aggregator_password', false),
       set_config('tallyward.auditor', :'auditor_password', false);

DO $roles$
DECLARE
  role text;
BEGIN
  FOREACH role IN ARRAY ARRAY['entitlement', 'aggregator', 'auditor'] LOOP
    IF coalesce(current_setting('tallyward.' || role, true), '') = '' THEN
      RAISE EXCEPTION 'no password given for role %', role;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
      EXECUTE format('CREATE ROLE %I LOGIN', role);
    END IF;
    EXECUTE format('ALTER ROLE %I WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD %L',
                   role, current_setting('tallyward.' || role));
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role);
  END LOOP;
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());

  FOREACH role IN ARRAY ARRAY['entitlement', 'aggregator'] LOOP
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', role, role);
    EXECUTE format('ALTER ROLE %I IN DATABASE %I SET search_path = %I',
                   role, current_database(), role);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO auditor', role);
    EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT SELECT ON TABLES TO auditor',
                   role, role);
  END LOOP;
  EXECUTE format('ALTER ROLE auditor IN DATABASE %I SET default_transaction_read_only = on',
                 current_database());
END
$roles$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;

SELECT set_config('tallyward.entitlement', '', false),
       set_config('tallyward.aggregator', '', false),
       set_config('tallyward.auditor', '', false);
