import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Limits } from './limits';

/**
 * What the engine itself allows, whatever text reaches it. The embedded engine has one user; its
 * rights come through two roles, and a connection takes one of them before the query. Nobody has
 * a right to a source outside the engine (READ and WRITE ON any source), to a table engine that
 * leaves it, to named collections, functions, users, backups or dictionaries.
 */
export const ROLES = { loader: 'loader', reader: 'reader' } as const;
export type UserName = keyof typeof ROLES;

const TABLE_ENGINES = [
  ...['MergeTree', 'ReplacingMergeTree', 'SummingMergeTree', 'AggregatingMergeTree'],
  ...['CollapsingMergeTree', 'VersionedCollapsingMergeTree', 'Memory', 'Null', 'Log', 'TinyLog'],
  ...['StripeLog', 'Set', 'Join', 'Buffer', 'Merge', 'View', 'MaterializedView'],
];

const LOADER_RIGHTS = [
  ...['SELECT', 'INSERT', 'ALTER', 'SHOW', 'CREATE DATABASE', 'CREATE TABLE', 'CREATE VIEW'],
  ...['CREATE TEMPORARY TABLE', 'DROP', 'UNDROP TABLE', 'TRUNCATE', 'OPTIMIZE', 'CHECK'],
  ...['KILL QUERY', 'SYSTEM FLUSH', 'SYSTEM MERGES', 'SYSTEM DROP CACHE'],
];

/** Functions that read files or call out, shadowed by ones that refuse: the engine has no grant
 *  for them, and a function of the user's wins over the built-in one wherever it is called. */
const SHADOWED = [
  ...['file', 'catboostEvaluate', 'reverseDNSQuery', 'addressToLine', 'addressToLineWithInlines'],
  ...['aiClassify', 'aiEmbed', 'aiExtract', 'aiGenerate', 'aiTranslate'],
  ...['AIClassify', 'AIExtract', 'AIGenerate', 'AITranslate'],
];

/** Settings nobody may change: they hide SQL in text, read files, or lift a bound. */
const FIXED_SETTINGS = [
  ...['dialect', 'additional_table_filters', 'additional_result_filter', 'format_schema'],
  ...['parallel_replicas_custom_key', 'format_template_resultset', 'format_template_row'],
  ...['format_schema_source', 'allow_introspection_functions', 'max_memory_usage_for_user'],
  ...['allow_experimental_eval_table_function', 'allow_get_client_http_header'],
];

const tag = (name: string, inner: string): string => `<${name}>${inner}</${name}>`;
const grant = (rights: string): string => tag('query', `GRANT ${rights}`);

function usersXml(limits: Limits): string {
  const settings: Record<string, string | number> = {
    implicit_select: 0,
    allow_introspection_functions: 0,
    async_insert: 0,
    max_execution_time: limits.maxExecutionSeconds,
    max_memory_usage: limits.maxMemoryPerQueryBytes,
  };
  const constraints = [
    ...FIXED_SETTINGS.map((s) => tag(s, '<const/>')),
    tag('max_execution_time', tag('min', '0.001') + tag('max', `${limits.maxExecutionSeconds}`)),
    tag('max_memory_usage', tag('min', '1') + tag('max', `${limits.maxMemoryPerQueryBytes}`)),
  ];
  const profile =
    Object.entries(settings)
      .map(([name, value]) => tag(name, `${value}`))
      .join('') + tag('constraints', constraints.join(''));
  const engines = TABLE_ENGINES.map((e) => `TABLE ENGINE ON ${e}`).join(', ');
  const loader = grant(`${LOADER_RIGHTS.join(', ')} ON *.*`) + grant(engines);
  // table functions such as format() ask for the right to temporary tables
  const reader = grant('SELECT, SHOW, CREATE TEMPORARY TABLE ON *.*');
  const user = [
    '<no_password/><networks><ip>::/0</ip></networks>',
    '<profile>default</profile><quota>default</quota>',
    tag('grants', grant('loader, reader')),
  ];
  return tag(
    'clickhouse',
    [
      tag('profiles', tag('default', profile)),
      '<quotas><default/></quotas>',
      tag('users', tag('default', user.join(''))),
      tag('roles', tag('loader', tag('grants', loader)) + tag('reader', tag('grants', reader))),
    ].join('\n'),
  );
}

/** Writes the engine's configuration beside the data; returns the path of its main file. */
export function writeAccess(home: string, dataFolder: string, limits: Limits): string {
  const functions = join(dataFolder, 'user_defined');
  mkdirSync(functions, { recursive: true });
  for (const name of SHADOWED) {
    const sql = `CREATE FUNCTION ${name} AS (x) -> throwIf(1, '${name}() is not served here')\n`;
    writeFileSync(join(functions, `function_${name}.sql`), sql);
  }
  const users = join(home, 'users.xml');
  const main = join(home, 'config.xml');
  writeFileSync(users, usersXml(limits));
  const memory = tag('max_server_memory_usage', `${limits.maxMemoryBytes}`);
  writeFileSync(main, tag('clickhouse', tag('users_config', users) + memory));
  return main;
}
