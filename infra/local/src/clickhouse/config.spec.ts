import { readConfig } from './config';

describe('the environment of the ClickHouse server', () => {
  it('lists every fault at once', () => {
    const read = (): unknown => readConfig({ TALLYWARD_CLICKHOUSE_PORT: 'x' });
    expect(read).toThrow(/PORT.*CLICKHOUSE_DATA.*LOADER_PASSWORD/s);
  });
  it('has defaults for all but the data and the password', () => {
    const env = { TALLYWARD_CLICKHOUSE_DATA: '/d', TALLYWARD_CLICKHOUSE_LOADER_PASSWORD: 'p' };
    expect(readConfig(env)).toEqual({
      bind: '127.0.0.1',
      port: 8123,
      dataFolder: '/d',
      loaderPassword: 'p',
      readerPassword: '',
      limits: { maxExecutionSeconds: 300, wedgedAfterMs: 30_000 },
    });
  });
});
