import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = [
  `CREATE TABLE project (
     project text COLLATE "C" PRIMARY KEY,
     name text NOT NULL,
     version bigint NOT NULL CHECK (version >= 1),
     settings jsonb NOT NULL,
     created_at timestamptz NOT NULL
   )`,
  `CREATE TABLE api_key (
     key_id text COLLATE "C" PRIMARY KEY,
     project text COLLATE "C" NOT NULL REFERENCES project,
     name text NOT NULL,
     scopes text[] NOT NULL,
     hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
     operator boolean NOT NULL,
     created_at timestamptz NOT NULL,
     expires_at timestamptz
   )`,
  'CREATE INDEX api_key_of_project ON api_key (project, created_at, key_id)',
  'CREATE INDEX api_key_expiring ON api_key (expires_at) WHERE expires_at IS NOT NULL',
  'CREATE UNIQUE INDEX api_key_one_operator ON api_key (operator) WHERE operator',
  `CREATE TABLE model_group (
     project text COLLATE "C" NOT NULL REFERENCES project,
     model_group text COLLATE "C" NOT NULL,
     default_model text COLLATE "C",
     PRIMARY KEY (project, model_group)
   )`,
  `CREATE TABLE model (
     project text COLLATE "C" NOT NULL,
     model text COLLATE "C" NOT NULL,
     model_group text COLLATE "C" NOT NULL,
     PRIMARY KEY (project, model),
     FOREIGN KEY (project, model_group) REFERENCES model_group
   )`,
  'CREATE INDEX model_of_group ON model (project, model_group, model)',
  `CREATE TABLE audit_fact (
     fact_id uuid PRIMARY KEY,
     project text COLLATE "C" NOT NULL,
     version bigint NOT NULL,
     at timestamptz NOT NULL,
     type text NOT NULL,
     actor text NOT NULL,
     subject text NOT NULL,
     before jsonb,
     after jsonb,
     reason text
   )`,
  'CREATE INDEX audit_fact_of_project ON audit_fact (project, at, fact_id)',
  `CREATE TABLE idempotent_request (
     request_id bytea PRIMARY KEY,
     body_hash bytea NOT NULL,
     answer bytea,
     expires_at timestamptz NOT NULL
   )`,
  'CREATE INDEX idempotent_request_expiry ON idempotent_request (expires_at)',
];

/** A grant can't keep a table from its owner, and this service owns its schema: a trigger can. */
const APPEND_ONLY = [
  `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
   END $$`,
  `CREATE TRIGGER audit_fact_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_fact
   FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
];

export class CreateCatalog1763769600003 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...TABLES, ...APPEND_ONLY]) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const tables = 'idempotent_request, audit_fact, model, model_group, api_key, project';
    await queryRunner.query(`DROP TABLE ${tables}`);
    await queryRunner.query('DROP FUNCTION refuse_change');
  }
}
