import { testbed, type Testbed } from '@tallyward/testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { askReader, insertAnalystRows, OCTOBER, openWarehouse } from './analyst-rows.builder';
import type { ClickHouse } from './clickhouse';

const FOLDER = join(__dirname, '..', '..', '..', '..', '..', 'infra', 'grafana');
const read = (path: string): string => readFileSync(join(FOLDER, path), 'utf8');

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly targets: readonly { readonly rawSql: string; readonly format: number }[];
}
const dashboard = JSON.parse(read('dashboards/tallyward.json')) as {
  panels: Panel[];
  templating: { list: { name: string; query: string }[] };
};

const FROM_MS = Date.parse(OCTOBER.from);
/** The plugin's filters take their end in; a dashboard's end is an instant of no event. */
const TO_MS = Date.parse(OCTOBER.to) - 1;
const INTERVAL_S = 3_600;

const dateTime = (ms: number): string => `toDateTime(${Math.floor(ms / 1_000)})`;
const dateTime64 = (ms: number): string => `fromUnixTimestamp64Milli(${ms})`;
const between = (column: string, write: (ms: number) => string): string =>
  `${column} >= ${write(FROM_MS)} AND ${column} <= ${write(TO_MS)}`;

/** What grafana-clickhouse-datasource puts in (its pkg/macros/macros.go). */
const MACROS: Readonly<Record<string, (column: string) => string>> = {
  fromTime: () => dateTime(FROM_MS),
  toTime: () => dateTime(TO_MS),
  fromTime_ms: () => dateTime64(FROM_MS),
  toTime_ms: () => dateTime64(TO_MS),
  timeFilter: (column) => between(column, dateTime),
  timeFilter_ms: (column) => between(column, dateTime64),
  timeInterval: (column) =>
    `toStartOfInterval(toDateTime(${column}), INTERVAL ${INTERVAL_S} second)`,
};

/** Grafana puts its variables in first, then the plugin its macros. */
function expanded(rawSql: string, project: string): string {
  const quoted = `'${project.replaceAll("'", "''")}'`;
  return rawSql
    .replaceAll('${project:sqlstring}', quoted)
    .replaceAll(/\$__(\w+)(?:\(([^()]*)\))?/g, (_, name: string, column = '') => {
      const macro = MACROS[name];
      if (!macro) throw new Error(`no macro of the plugin: ${name}`);
      return macro(column);
    });
}

let bed: Testbed;
let clickhouse: ClickHouse;
beforeAll(async () => {
  bed = await testbed();
  clickhouse = await openWarehouse(bed.clickhouse.loader);
  await insertAnalystRows(clickhouse);
});
afterAll(async () => {
  await clickhouse?.close();
  await bed?.close();
});

const rowsOf = (sql: string) => askReader(bed.clickhouse.reader, sql);
const panel = (title: string, project = 'demo') => {
  const rawSql = dashboard.panels.find((one) => one.title === title)?.targets[0]?.rawSql ?? '';
  return rowsOf(expanded(rawSql, project));
};

describe('the Grafana dashboard', () => {
  it('asks the source that is provisioned, over HTTP, as the reader', () => {
    const { datasources } = parse(read('provisioning/datasources/clickhouse.yaml')) as {
      datasources: { uid: string; type: string; jsonData: Record<string, unknown> }[];
    };
    const [source] = datasources;
    expect(source?.jsonData).toMatchObject({ protocol: 'http', username: 'reader' });
    const named = { type: source?.type, uid: source?.uid };
    for (const { datasource } of dashboard.panels) expect(datasource).toEqual(named);
  });

  it.each(dashboard.panels.map((one) => [one.title, one] as const))(
    'panel %s: its query runs at the reader’s address, bound to the project',
    async (_title, { type, targets }) => {
      for (const { rawSql, format } of targets) {
        const rows = await rowsOf(expanded(rawSql, 'demo'));
        const filtered = rawSql.split('project = ${project:sqlstring}').length - 1;
        expect(filtered).toBe(rawSql.split(/\bFROM \w+_v1\b/).length - 1);
        const nobody = await rowsOf(expanded(rawSql, "it's nobody"));
        expect(nobody.flatMap((row) => Object.values(row)).filter((value) => value !== 0)).toEqual(
          [],
        );
        expect(format).toBe(type === 'timeseries' ? 0 : 1);
        if (type === 'timeseries') expect(rows[0]).toHaveProperty('at');
      }
    },
  );

  it('offers the projects there are', async () => {
    const [variable] = dashboard.templating.list;
    expect(await rowsOf(variable?.query ?? '')).toEqual([
      { project: 'demo' },
      { project: 'other' },
    ]);
  });

  it('shows what was used, decided and billed', async () => {
    expect(await panel('Tokens')).toEqual([{ tokens: 5_900 }]);
    expect(await panel('Calls')).toEqual([{ calls: 4 }]);
    expect(await panel('Customers')).toEqual([{ customers: 2 }]);
    expect(await panel('Tokens by model group')).toEqual([
      { at: '2026-10-05 10:00:00', model_group: 'standard', tokens: 2_000 },
      { at: '2026-10-06 11:00:00', model_group: 'premium', tokens: 3_000 },
      { at: '2026-10-12 10:00:00', model_group: 'standard', tokens: 900 },
    ]);
    const outcomes = (await panel('Decisions by outcome')).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['block', 'block', 'throttle', 'restrict', 'allow']);
    expect(await panel('Overage')).toMatchObject([{ customer: 'acme', overage: 1_000 }]);
    expect(await panel('Used and not billed yet')).toEqual([]);
    expect(await panel('Used and not billed yet', 'other')).toEqual([
      { customer: 'acme', not_billed: 10_000 },
    ]);
  });
});
