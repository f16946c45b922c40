import js from '@eslint/js'
import tseslint from 'typescript-eslint'

/*
 * Who may import whom inside the core is in .dependency-cruiser.mjs, which also sees cycles. Here stands what an editor
 * should say while one types.
 */

const SOURCES = ['packages/*/src/**/*.ts']
const TESTS = ['**/*.test.ts', '**/*.test-d.ts', '**/test/**', '**/test-support.ts']
/** What tests and tools use, and no published package does. */
const WORKSHOP = ['packages/testkit/**', 'tools/**', 'examples/**']
/** The only file that may read time, start timers or ask for chance. */
const SYSTEM_CLOCK = 'packages/core/src/clock/system-clock.ts'

const CLOCK_HINT = 'Take it from the Clock that you were given: see core/src/clock.'

const rawTimeGlobals = ['setTimeout', 'setInterval', 'setImmediate', 'performance'].map((name) => ({
  name,
  message: CLOCK_HINT,
}))
const rawTimeProperties = [
  ['Date', 'now'],
  ['Math', 'random'],
  ['process', 'hrtime'],
  ['process', 'uptime'],
  ['AbortSignal', 'timeout'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'performance'].map((name) => ['globalThis', name]),
].map(([object, property]) => ({ object, property, message: CLOCK_HINT }))
const rawTimeModules = ['timers', 'timers/promises', 'perf_hooks']
  .flatMap((name) => [name, `node:${name}`])
  .map((name) => ({ name, message: CLOCK_HINT }))
/** `new Date(milliseconds)` and `Date.UTC()` compute; these read. */
const rawTimeSyntax = [
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: CLOCK_HINT },
  { selector: 'CallExpression[callee.name="Date"]', message: CLOCK_HINT },
]

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration, ExportSpecifier[exported.name="default"]',
  message: 'Export by name: a name can be searched for, and renamed everywhere.',
}

/** Runners collect the promises of these themselves. */
const TEST_CALLS = ['describe', 'it', 'test', 'suite'].map((name) => ({
  from: 'package',
  package: 'node:test',
  name,
}))

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '**/coverage/**',
      '**/.turbo/**',
      '**/fixtures/**',
      '**/consumers/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' } },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js', '*.mjs', '*.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // A switch is one decision, however many cases it has.
      complexity: ['error', { max: 8, variant: 'modified' }],
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
      'object-shorthand': 'error',
      'prefer-const': 'error',

      '@typescript-eslint/consistent-type-exports': [
        'error',
        { fixMixedExportsWithInlineTypeSpecifier: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': [
        'error',
        { ignoreVoid: true, allowForKnownSafeCalls: TEST_CALLS },
      ],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-unused-expressions': ['error', { allowTernary: true }],
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],

      // `async () => hook()` turns a throw into a rejection: that is what it is for.
      '@typescript-eslint/require-await': 'off',
      // Finds methods that are compared or looked up, and no bug.
      '@typescript-eslint/unbound-method': 'off',
      // Redaction has to name control characters.
      'no-control-regex': 'off',
    },
  },
  {
    name: 'sources of the packages',
    files: SOURCES,
    rules: { 'max-lines-per-function': ['error', { max: 40, skipComments: true }] },
  },
  {
    name: 'what is published',
    files: SOURCES,
    ignores: [...TESTS, ...WORKSHOP],
    rules: {
      'no-console': 'error',
      'no-restricted-globals': ['error', ...rawTimeGlobals],
      'no-restricted-properties': ['error', ...rawTimeProperties],
      'no-restricted-syntax': ['error', noDefaultExport, ...rawTimeSyntax],
      'no-restricted-imports': [
        'error',
        {
          paths: rawTimeModules,
          patterns: [
            {
              group: ['@failover/testkit', '@failover/testkit/*'],
              message: 'Only tests may use the testkit.',
            },
            {
              regex: '^@failover/(?!core$|core/adapter$)',
              message: 'Packages import the core only, by its entries.',
            },
            { regex: '(?:\\.\\./)+[^/]+/src/', message: 'Another package is imported by its name.' },
          ],
        },
      ],
    },
  },
  {
    name: 'the clock itself',
    files: [SYSTEM_CLOCK],
    rules: {
      'no-restricted-globals': 'off',
      'no-restricted-properties': 'off',
      'no-restricted-syntax': ['error', noDefaultExport],
    },
  },
  {
    name: 'the default logger',
    files: ['packages/core/src/logging/logger.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    name: 'tests',
    files: TESTS,
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      '@typescript-eslint/await-thenable': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
    },
  },
  {
    name: 'unit tests of the core move a fake clock: nothing in them waits',
    files: ['packages/core/src/**/*.test.ts', 'packages/core/test/{properties,scenarios,regressions}/**'],
    // The pings' own tests speak to real sockets.
    ignores: ['packages/core/src/ping/**'],
    rules: {
      // A turn of the event loop takes no time.
      'no-restricted-globals': ['error', ...rawTimeGlobals.filter(({ name }) => name !== 'setImmediate')],
      'no-restricted-properties': ['error', ...rawTimeProperties],
      'no-restricted-imports': ['error', { paths: rawTimeModules }],
    },
  },
  { name: 'plain JavaScript', files: ['**/*.{js,mjs,cjs}'], ...tseslint.configs.disableTypeChecked },
)
