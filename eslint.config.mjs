import nx from '@nx/eslint-plugin';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const may = (from, ...to) => ({
  sourceTag: `type:${from}`,
  onlyDependOnLibsWithTags: to.map((t) => `type:${t}`),
});

const banned = (group, message) => ({ group, message });
/** They measure, and never ship: a bench, and the bare engine that it compares with. */
const BENCHES = ['**/*.bench.ts', '**/bare-*.builder.ts', 'libs/testing/src/bench/**/*.ts'];
const only = (names, message) => ({ regex: `^(?!(?:${names})$|\\.)`, message });

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.local/**', '.nx/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: [],
          depConstraints: [
            may('domain', 'domain'),
            may('contracts', 'domain', 'contracts'),
            may('platform', 'platform'),
            may('app', 'domain', 'contracts', 'platform'),
            may('console', 'domain', 'contracts'),
            may('testing', 'domain', 'contracts', 'platform', 'testing', 'infra'),
            may('e2e', 'domain', 'contracts', 'platform', 'testing', 'infra'),
            may('infra', 'domain', 'contracts', 'platform', 'infra'),
          ],
        },
      ],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-len': [
        'error',
        { code: 100, ignoreUrls: true, ignoreTemplateLiterals: true, ignoreStrings: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.spec.ts', 'libs/testing/**/*.ts', 'apps/e2e/**/*.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    files: ['**/*.spec.ts', '**/*.builder.ts', ...BENCHES],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  {
    files: ['apps/*/src/**/*.ts'],
    ignores: ['apps/e2e/**', '**/*.spec.ts', '**/*.builder.ts', ...BENCHES],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ImportDeclaration[source.value=/[.]builder$/]',
          message: 'A builder is for specs and benches: it never ships.',
        },
      ],
    },
  },
  {
    files: ['libs/domain/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            only(
              'temporal-polyfill',
              'libs/domain is pure: temporal-polyfill alone; pass instants, ids, hashes and random numbers in.',
            ),
          ],
        },
      ],
      'no-restricted-globals': [
        'error',
        'process',
        'require',
        'setTimeout',
        'setInterval',
        'fetch',
        'Buffer',
        'crypto',
        'performance',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Instants are arguments.' },
        { object: 'Math', property: 'random', message: 'Random numbers are arguments.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Instants are arguments.',
        },
      ],
    },
  },
  {
    files: ['libs/contracts/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            only('zod|@tallyward/domain', 'libs/contracts is browser-safe: zod and domain alone.'),
          ],
        },
      ],
    },
  },
  {
    files: ['apps/console/src/**/*.ts', 'apps/console/src/**/*.tsx'],
    ...reactHooks.configs.flat.recommended,
    rules: {
      ...reactHooks.configs.flat.recommended.rules,
      // It warns of what React's compiler would skip; the console is built without it.
      'react-hooks/incompatible-library': 'off',
    },
  },
  {
    files: ['apps/*/src/**/*.ts'],
    ignores: ['apps/console/**', 'apps/*/src/storage/**', '**/*.spec.ts', ...BENCHES],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            banned(['typeorm', 'typeorm/*', 'pg'], 'Postgres is spoken in storage/ alone.'),
            banned(['kafkajs'], 'kafkajs stays behind the log port of libs/platform.'),
          ],
        },
      ],
    },
  },
  {
    files: ['apps/console/src/**/*.ts', 'apps/console/src/**/*.tsx'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            banned(['node:*', 'zod'], 'The console runs in a browser, over the public API alone.'),
          ],
        },
      ],
    },
  },
  {
    files: ['libs/**/*.ts', 'infra/**/*.ts'],
    ignores: [
      'libs/platform/src/kafka/**',
      'libs/domain/**',
      'libs/contracts/**',
      '**/*.spec.ts',
      // Makes history that the log port must not be able to make.
      'libs/testing/src/testbed/backdated-log.ts',
      ...BENCHES,
    ],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [banned(['kafkajs'], 'kafkajs stays behind the log port of libs/platform.')] },
      ],
    },
  },
);
