// One root jest: specs run from source through the `source` export condition, nothing is built first.
const project = (displayName, testMatch, more = {}) => ({
  ...more,
  displayName,
  rootDir: __dirname,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'require', 'default'] },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/.local/'],
  modulePathIgnorePatterns: ['/dist/', '/.local/'],
  setupFiles: ['reflect-metadata'],
  testMatch,
});

// Kafka, Postgres and ClickHouse come up once per run, and only for specs that need them.
const onEngines = {
  globalSetup: '<rootDir>/libs/testing/jest/engines-up.mjs',
  globalTeardown: '<rootDir>/libs/testing/jest/engines-down.mjs',
};

module.exports = {
  reporters: ['default', '<rootDir>/libs/testing/jest/verdict-reporter.mjs'],
  // Real engines on two cores: a wait inside a spec has its own, shorter deadline.
  testTimeout: 60_000,
  maxWorkers: 2,
  projects: [
    project('unit', ['**/src/**/!(*.int|*.e2e).spec.ts']),
    project('integration', ['**/src/**/*.int.spec.ts'], onEngines),
    project('e2e', ['**/src/**/*.e2e.spec.ts'], onEngines),
  ],
};
