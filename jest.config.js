// One root jest: specs run from source through the `source` export condition, nothing is built first.
const project = (displayName, testMatch) => ({
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

module.exports = {
  projects: [
    project('unit', ['**/src/**/!(*.int|*.e2e).spec.ts']),
    project('integration', ['**/src/**/*.int.spec.ts']),
    project('e2e', ['**/src/**/*.e2e.spec.ts']),
  ],
};
