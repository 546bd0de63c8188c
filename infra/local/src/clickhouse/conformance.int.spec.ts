import { CURL_ROWS } from './conformance/curl.rows';
import { BLOCK_ROWS } from './conformance/blocks.rows';
import { credentialRows } from './conformance/credential.rows';
import { ERROR_ROWS } from './conformance/error.rows';
import { GRAFANA_ROWS } from './conformance/grafana.rows';
import { PARAMETER_ROWS } from './conformance/parameter.rows';
import { checkRow, DB, type Row } from './conformance/row';
import { WAREHOUSE_ROWS } from './conformance/warehouse.rows';
import { openTarget, send, type Target } from './conformance/target';

const STARTS_WITHIN_MS = 60_000;

describe('the conformance list: as a ClickHouse server answers, so does this one', () => {
  let target: Target;
  beforeAll(async () => {
    target = await openTarget();
    const made = await send(target.loader, { body: `CREATE DATABASE IF NOT EXISTS ${DB}` });
    expect(made.text).toBe('');
  }, STARTS_WITHIN_MS);
  afterAll(async () => {
    await send(target.loader, { body: `DROP DATABASE IF EXISTS ${DB}` });
    await target.end();
  });

  const inTurn = (rows: readonly Row[]): void => {
    it.each(rows.map((row) => [row.name, row] as const))('%s', async (_name, row) => {
      const base = row.as === 'reader' ? target.reader : target.loader;
      if (!base) return;
      const sent = typeof row.send === 'function' ? row.send() : row.send;
      checkRow(row, await send(base, sent));
    });
  };
  describe('curl', () => inTurn(CURL_ROWS));
  describe('parameters', () => inTurn(PARAMETER_ROWS));
  describe("Grafana's plugin", () => inTurn(GRAFANA_ROWS));
  describe('compressed blocks', () => inTurn(BLOCK_ROWS));
  describe('the warehouse', () => inTurn(WAREHOUSE_ROWS));
  describe('errors', () => inTurn(ERROR_ROWS));
  it('credentials go in the headers, in the address or as basic auth', async () => {
    const { username, password } = target.loader;
    for (const row of credentialRows(username, decodeURIComponent(password))) {
      const sent = typeof row.send === 'function' ? row.send() : row.send;
      checkRow(row, await send(target.loader, sent));
    }
  });
});
