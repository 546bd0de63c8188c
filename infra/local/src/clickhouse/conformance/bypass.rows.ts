import { DB } from './row';

/** A try to get out of the read-only user's cage: as SQL, as a setting, as a header. */
export interface Try {
  readonly name: string;
  readonly body: string;
  readonly url?: Readonly<Record<string, string>>;
}

const SECRET = '/etc/passwd';
const HTTP = 'http://127.0.0.1:1/leak';

const plain = (name: string, body: string): Try => ({ name, body });

/** Each has to fail; none may leave a trace, touch a file or open a connection. */
export const READER_TRIES: readonly Try[] = [
  plain('an insert', `INSERT INTO ${DB}.kept VALUES (2)`),
  plain('an insert of a selection', `INSERT INTO ${DB}.kept SELECT 2`),
  plain('a table', `CREATE TABLE ${DB}.mine (a UInt8) ENGINE = Memory`),
  plain('a temporary table', 'CREATE TEMPORARY TABLE mine (a UInt8)'),
  plain('a view', `CREATE VIEW ${DB}.mine AS SELECT 1`),
  plain(
    'a view over a file',
    `CREATE VIEW ${DB}.mine AS SELECT * FROM file('${SECRET}', 'LineAsString')`,
  ),
  plain('a database', 'CREATE DATABASE mine'),
  plain(
    'a dictionary',
    `CREATE DICTIONARY ${DB}.d (id UInt64) PRIMARY KEY id SOURCE(HTTP(url '${HTTP}')) LAYOUT(FLAT()) LIFETIME(1)`,
  ),
  plain('a function', 'CREATE FUNCTION mine AS (x) -> x'),
  plain('a user', 'CREATE USER mine'),
  plain('a grant', 'GRANT ALL ON *.* TO default'),
  plain('another role', 'SET ROLE loader'),
  plain('all roles', 'SET ROLE ALL'),
  plain('another role, in odd spelling', 'sEt/**/RoLe `loader`'),
  plain('dropping', `DROP TABLE ${DB}.kept`),
  plain('truncating', `TRUNCATE TABLE ${DB}.kept`),
  plain('altering', `ALTER TABLE ${DB}.kept DELETE WHERE 1`),
  plain('renaming', `RENAME TABLE ${DB}.kept TO ${DB}.gone`),
  plain('detaching', `DETACH TABLE ${DB}.kept`),
  plain('optimizing', `OPTIMIZE TABLE ${DB}.kept FINAL`),
  plain('killing queries', 'KILL QUERY WHERE 1'),
  plain('stopping the server', 'SYSTEM SHUTDOWN'),
  plain('a backup', `BACKUP TABLE ${DB}.kept TO File('/tmp/tallyward-backup')`),
  plain('url()', `SELECT * FROM url('${HTTP}', 'TSV', 'a String')`),
  plain('url() in other case', `SELECT * FROM uRl('${HTTP}', 'TSV', 'a String')`),
  plain('url() behind comments', `SELECT * FROM url/* x */ -- y\n('${HTTP}', 'TSV', 'a String')`),
  plain('url() quoted', `SELECT * FROM \`url\`('${HTTP}', 'TSV', 'a String')`),
  plain('url() quoted twice', `SELECT * FROM "url"('${HTTP}', 'TSV', 'a String')`),
  plain('url() quoted with escapes', `SELECT * FROM \`u\\x72l\`('${HTTP}', 'TSV', 'a String')`),
  plain(
    'url() in a CTE',
    `WITH x AS (SELECT * FROM url('${HTTP}', 'TSV', 'a String')) SELECT * FROM x`,
  ),
  plain('url() in IN', `SELECT 1 WHERE 'a' IN (SELECT * FROM url('${HTTP}', 'TSV', 'a String'))`),
  plain(
    'url() in a join',
    `SELECT * FROM system.one JOIN url('${HTTP}', 'TSV', 'a String') AS u ON 1`,
  ),
  plain('url() in view()', `SELECT * FROM view(SELECT * FROM url('${HTTP}', 'TSV', 'a String'))`),
  plain('url() in EXPLAIN', `EXPLAIN PLAN SELECT * FROM url('${HTTP}', 'TSV', 'a String')`),
  plain('url() described', `DESCRIBE TABLE url('${HTTP}', 'TSV')`),
  plain('url() in a union', `SELECT '1' UNION ALL SELECT * FROM url('${HTTP}', 'TSV', 'a String')`),
  plain('url() in a scalar', `SELECT (SELECT any(a) FROM url('${HTTP}', 'TSV', 'a String'))`),
  plain('file()', `SELECT * FROM file('${SECRET}', 'LineAsString')`),
  plain('file() from a heredoc', `SELECT * FROM file($x$${SECRET}$x$, 'LineAsString')`),
  plain(
    'file() from nested comments',
    `/* /* */ SELECT 1 */ SELECT * FROM file('${SECRET}', 'LineAsString')`,
  ),
  plain('file() as a function', `SELECT file('${SECRET}')`),
  plain('file() through APPLY', `SELECT * APPLY(file) FROM (SELECT '${SECRET}' AS a)`),
  plain(
    'file() in a default',
    `SELECT * FROM format(JSONEachRow, 'a String, b String DEFAULT file(\\'${SECRET}\\')', '{"a":""}')`,
  ),
  plain('file() in rows', `SELECT * FROM format(Values, 'a String', $x$(file('${SECRET}'))$x$)`),
  plain('file() in a lambda', `SELECT arrayMap(x -> file(x), ['${SECRET}'])`),
  plain('file() in values()', `SELECT * FROM values('a String', (file('${SECRET}')))`),
  plain(
    'file() in a filter',
    "SELECT 1 FROM system.one SETTINGS additional_table_filters = {'system.one': 'file(\\'/etc/passwd\\') = 1'}",
  ),
  {
    name: 'file() in a filter of the address',
    body: 'SELECT 1 FROM system.one',
    url: { additional_table_filters: "{'system.one':'file(''/etc/passwd'') = 1'}" },
  },
  plain('fileCluster()', `SELECT * FROM fileCluster('default', '${SECRET}', 'LineAsString')`),
  plain(
    'a file engine',
    `CREATE TEMPORARY TABLE f (a String) ENGINE = File(LineAsString, '${SECRET}')`,
  ),
  plain('a file as a table', `SELECT * FROM \`${SECRET}\``),
  plain('into a file', "SELECT 1 INTO OUTFILE '/tmp/tallyward-leak'"),
  plain('into a file in odd spelling', "SELECT 1 iNtO/**/oUtFiLe '/tmp/tallyward-leak' TRUNCATE"),
  plain('into a file, explained', "EXPLAIN SELECT 1 INTO OUTFILE '/tmp/tallyward-leak'"),
  plain('from a file', `INSERT INTO ${DB}.kept FROM INFILE '${SECRET}' FORMAT TSV`),
  plain('remote()', `SELECT * FROM remote('127.0.0.1', 'system', 'one')`),
  plain('remoteSecure()', `SELECT * FROM remoteSecure('127.0.0.1', 'system', 'one')`),
  plain('cluster()', `SELECT * FROM cluster('default', 'system', 'one')`),
  plain('s3()', `SELECT * FROM s3('${HTTP}', 'TSV', 'a String')`),
  plain('gcs()', `SELECT * FROM gcs('${HTTP}', 'TSV', 'a String')`),
  plain('hdfs()', `SELECT * FROM hdfs('hdfs://127.0.0.1:1/x', 'TSV', 'a String')`),
  plain('executable()', `SELECT * FROM executable('id', 'TSV', 'a String')`),
  plain('mysql()', `SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')`),
  plain('postgresql()', `SELECT * FROM postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd')`),
  plain('sqlite()', `SELECT * FROM sqlite('/tmp/x.db', 't')`),
  plain('redis()', `SELECT * FROM redis('127.0.0.1:1', 'k', 'k String, v String')`),
  plain('deltaLakeLocal()', `SELECT * FROM deltaLakeLocal('/tmp')`),
  plain('icebergLocal()', `SELECT * FROM icebergLocal('/tmp')`),
  plain('dictionary()', `SELECT * FROM dictionary('${DB}.d')`),
  plain(
    'eval()',
    `SELECT * FROM eval('SELECT 1') SETTINGS allow_experimental_eval_table_function = 1`,
  ),
  plain('loop()', `SELECT * FROM loop(system.one) LIMIT 1`),
  plain('writing through a function', `INSERT INTO FUNCTION null('a UInt8') SELECT 1`),
  plain('lifting the read-only state', 'SET readonly = 0'),
  plain('lifting it in the query', 'SELECT 1 SETTINGS readonly = 0'),
  { name: 'lifting it in the address', body: 'SELECT 1', url: { readonly: '0' } },
  { name: 'another dialect', body: 'SELECT 1', url: { dialect: 'kusto' } },
  plain('another dialect in the query', "SELECT 1 SETTINGS dialect = 'prql'"),
  plain('introspection', 'SELECT addressToLine(1) SETTINGS allow_introspection_functions = 1'),
  plain('more time than there is', 'SELECT 1 SETTINGS max_execution_time = 1000000'),
  plain('more memory than there is', 'SELECT 1 SETTINGS max_memory_usage = 1000000000000'),
  plain('a second statement', `SELECT 1; DROP TABLE ${DB}.kept`),
  plain(
    'a second statement behind a comment',
    `SELECT 1 /* ; */ ; INSERT INTO ${DB}.kept VALUES (3)`,
  ),
  plain('in parallel', `SELECT 1 PARALLEL WITH DROP TABLE ${DB}.kept`),
  {
    name: 'a parameter as SQL',
    body: `SELECT * FROM ${DB}.{t:Identifier}`,
    url: { param_t: `kept; DROP TABLE ${DB}.kept` },
  },
  {
    name: 'a parameter that names a setting',
    body: 'SELECT 1',
    url: { 'param_x = 1, readonly': '0' },
  },
  {
    name: 'a setting that holds SQL',
    body: 'SELECT 1',
    url: { 'max_threads = 1; DROP TABLE x': '1' },
  },
  {
    name: 'a database that holds SQL',
    body: 'SELECT 1',
    url: { database: `x\`; DROP TABLE ${DB}.kept; --` },
  },
  {
    name: 'a format that holds SQL',
    body: 'SELECT 1',
    url: { default_format: "TSV` INTO OUTFILE '/tmp/tallyward-leak" },
  },
  {
    name: 'a format schema',
    body: 'SELECT 1 FORMAT Protobuf',
    url: { format_schema: '/etc/passwd:x' },
  },
  {
    name: 'a template of the server',
    body: 'SELECT 1 FORMAT Template',
    url: { format_template_row: SECRET },
  },
  plain('the DNS', "SELECT reverseDNSQuery('127.0.0.1')"),
  plain('a model', "SELECT aiGenerate('x', 'hello')"),
  plain('the client of the engine: exit', 'exit'),
  plain('the client of the engine: shortcuts', '\\d'),
];

/** The loader writes, but no more than the reader does it leave the engine. */
export const LOADER_TRIES: readonly Try[] = [
  plain('url()', `SELECT * FROM url('${HTTP}', 'TSV', 'a String')`),
  plain('writing to url()', `INSERT INTO FUNCTION url('${HTTP}', 'TSV', 'a String') SELECT 'x'`),
  plain('file()', `SELECT * FROM file('${SECRET}', 'LineAsString')`),
  plain('file() as a function', `SELECT file('${SECRET}')`),
  plain(
    'writing a file',
    `INSERT INTO FUNCTION file('/tmp/tallyward-leak', 'TSV', 'a String') SELECT 'x'`,
  ),
  plain('into a file', "SELECT 1 INTO OUTFILE '/tmp/tallyward-leak'"),
  plain('from a file', `INSERT INTO ${DB}.kept FROM INFILE '${SECRET}' FORMAT TSV`),
  plain('file() in rows', `INSERT INTO ${DB}.words VALUES (file('${SECRET}'))`),
  plain('remote()', `SELECT * FROM remote('127.0.0.1', 'system', 'one')`),
  plain('s3()', `SELECT * FROM s3('${HTTP}', 'TSV', 'a String')`),
  plain('executable()', `SELECT * FROM executable('id', 'TSV', 'a String')`),
  plain('a URL engine', `CREATE TABLE ${DB}.u (a String) ENGINE = URL('${HTTP}', 'TSV')`),
  plain('a file engine', `CREATE TABLE ${DB}.u (a String) ENGINE = File(TSV)`),
  plain(
    'a Kafka engine',
    `CREATE TABLE ${DB}.u (a String) ENGINE = Kafka('127.0.0.1:1', 't', 'g', 'TSV')`,
  ),
  plain(
    'a distributed engine',
    `CREATE TABLE ${DB}.u (a String) ENGINE = Distributed('default', 'system', 'one')`,
  ),
  plain('a MySQL database', `CREATE DATABASE u ENGINE = MySQL('127.0.0.1:1', 'a', 'b', 'c')`),
  plain('a database of files', `CREATE DATABASE u ENGINE = Filesystem('/etc')`),
  plain(
    'a dictionary',
    `CREATE DICTIONARY ${DB}.d (id UInt64) PRIMARY KEY id SOURCE(HTTP(url '${HTTP}')) LAYOUT(FLAT()) LIFETIME(1)`,
  ),
  plain('a function', 'CREATE FUNCTION mine AS (x) -> x'),
  plain('a user', 'CREATE USER mine'),
  plain('a role', 'CREATE ROLE mine'),
  plain('a named collection', 'CREATE NAMED COLLECTION mine AS a = 1'),
  plain('a backup', `BACKUP TABLE ${DB}.kept TO File('/tmp/tallyward-backup')`),
  plain('attaching from a folder', `ATTACH TABLE ${DB}.u FROM '/etc' (a String) ENGINE = Log`),
  plain('stopping the server', 'SYSTEM SHUTDOWN'),
];
