// The ClickHouse server that runs locally: no client can take what it has for all.
const SERVING = 'infra/local/src/clickhouse/serving.int.spec.ts';

export const ENGINES = [
  {
    name: 'clickhouse-pipe-keeps-its-reader',
    keeps: 'a client that hangs up takes no place',
    file: 'infra/local/src/clickhouse/run.ts',
    find: '  const cancel = (): void => void runner.engine',
    put: '  const cancel = (): void => void pipe.output.destroy() ?? void runner.engine',
    test: {
      project: 'integration',
      path: SERVING,
      name: 'the server under load, cut off and killed clients that hang up at any instant take no place',
    },
    red: 'not within 20000 ms: none runs',
  },
  {
    name: 'clickhouse-wedged-ends-at-once',
    keeps: 'nothing stalls: a query that cannot be ended ends the process',
    file: 'infra/local/src/clickhouse/main.ts',
    find: "  process.kill(process.pid, 'SIGKILL');",
    put: '  process.exit(1);',
    test: {
      project: 'integration',
      path: 'infra/local/src/clickhouse/limits.int.spec.ts',
      name: 'a query that cannot be ended ends the process at once, without waiting for it',
    },
    red: 'SIGKILL',
  },
];
