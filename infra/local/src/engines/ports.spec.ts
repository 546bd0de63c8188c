import { createServer, type AddressInfo, type Server } from 'node:net';
import { assertPortsFree, gatewayPort, portsOf } from './ports';
import { readSettings } from './settings';

describe('ports', () => {
  it('are the well-known ones without a base, and a row from it with one', () => {
    expect(portsOf(undefined)).toEqual({
      gateway: 8080,
      kafka: 9092,
      clickhouse: 8123,
      postgres: 5433,
      entitlement: 8081,
      aggregator: 8082,
      kafkaController: 9093,
    });
    expect(portsOf(18_000)).toEqual({
      gateway: 18_000,
      kafka: 18_001,
      clickhouse: 18_002,
      postgres: 18_003,
      entitlement: 18_004,
      aggregator: 18_005,
      kafkaController: 18_006,
    });
  });

  it('further gateways stand ten above the first', () => {
    expect([1, 2, 3].map((n) => gatewayPort(portsOf(undefined), n))).toEqual([8080, 8090, 8091]);
    expect([1, 2, 3].map((n) => gatewayPort(portsOf(18_000), n))).toEqual([18_000, 18_010, 18_011]);
  });

  it('a taken one is an error that names it, who wanted it, and what to do', async () => {
    const server = await listening();
    const { port } = server.address() as AddressInfo;
    try {
      await expect(assertPortsFree('127.0.0.1', { kafka: port })).rejects.toThrow(
        new RegExp(`port ${port} \\(for kafka\\).*TALLYWARD_PORT_BASE`),
      );
    } finally {
      server.close();
    }
  });
});

describe('settings', () => {
  it('lists every fault at once', () => {
    const env = { TALLYWARD_PORT_BASE: '80', TALLYWARD_CLICKHOUSE_URL: 'tcp://x' };
    expect(() => readSettings(env)).toThrow(/TALLYWARD_PORT_BASE.*\n.*TALLYWARD_CLICKHOUSE_URL/);
  });

  it('takes an engine that is given by URL instead of starting one', () => {
    expect(readSettings({ TALLYWARD_KAFKA_BROKERS: 'a:1, b:2' }).given.brokers).toEqual([
      'a:1',
      'b:2',
    ]);
  });
});

function listening(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
