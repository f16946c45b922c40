/*
 * Who may import whom. ESLint sees one file at a time; this sees the graph: folders, packages and cycles. Types are free
 * where nothing is said, because they are gone at run time.
 */

/** Folders of the core that each may use at run time, besides itself and what EVERYBODY may use. Types are free. */
const MAY_USE = {
  adapter: ['clock', 'monitor', 'options'],
  breaker: ['circuit', 'clock', 'events', 'machine', 'options', 'store'],
  circuit: ['clock', 'machine'],
  clock: [],
  events: ['clock'],
  fetch: ['adapter', 'breaker', 'clock'],
  health: ['machine'],
  keyed: ['breaker', 'circuit', 'clock', 'events', 'machine', 'options'],
  loading: ['adapter', 'options'],
  logging: ['adapter', 'options'],
  monitor: [
    'adapter',
    'breaker',
    'circuit',
    'clock',
    'events',
    'logging',
    'machine',
    'options',
    'ping',
    'settings',
    'store',
  ],
  options: ['clock', 'logging', 'settings'],
  ping: ['adapter', 'clock'],
  settings: ['options'],
  store: ['circuit', 'clock', 'events', 'machine', 'options'],
}
/** Files at the top of the core that decide nothing. */
const EVERYBODY =
  '^packages/core/src/(errors|brief-text|redact|redact-urls|defaults|circuit-breaker|service|service-brand)\\.ts$'
const TESTS = '(\\.test\\.ts|\\.test-d\\.ts|/test-support\\.ts)$'

const atRunTime = { dependencyTypesNot: ['type-only'] }
const folder = (...names) => `^packages/core/src/(${names.join('|')})/`

const coreFolders = Object.entries(MAY_USE).map(([name, allowed]) => ({
  name: `core-${name}`,
  comment: `core/src/${name} may use ${allowed.join(', ') || 'nothing'} at run time`,
  severity: 'error',
  from: { path: folder(name), pathNot: TESTS },
  to: {
    path: '^packages/core/src/',
    pathNot: [folder(name, ...allowed), EVERYBODY],
    ...atRunTime,
  },
}))

export default {
  forbidden: [
    ...coreFolders,
    {
      name: 'machine-is-pure',
      comment: 'The machine imports itself; of the rest, and of Node, types only',
      severity: 'error',
      from: { path: folder('machine'), pathNot: TESTS },
      to: { pathNot: folder('machine'), ...atRunTime },
    },
    {
      name: 'machine-knows-no-shell',
      comment:
        'Of the rest the machine knows nothing but how an error is described and judged, and what a store keeps',
      severity: 'error',
      from: { path: folder('machine'), pathNot: TESTS },
      to: {
        path: '^packages/core/src/',
        pathNot: [folder('machine'), '^packages/core/src/adapter/(describe-error|verdict)\\.ts$'],
      },
    },
    {
      name: 'folder-without-a-rule',
      comment: 'A new folder of the core says in MAY_USE what it uses',
      severity: 'error',
      from: {
        path: '^packages/core/src/[^/]+/',
        pathNot: folder('machine', 'testing', ...Object.keys(MAY_USE)),
      },
      to: {},
    },
    {
      name: 'testing-is-for-tests',
      comment: 'Nothing that is published imports the testing entry or the testkit',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: [TESTS, '^packages/testkit/', folder('testing')] },
      to: { path: ['^packages/core/src/testing/', '^packages/testkit/'] },
    },
    {
      name: 'core-stands-alone',
      comment: 'The core has no dependencies',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: TESTS },
      to: { pathNot: '^packages/core/src/', dependencyTypesNot: ['core', 'type-only'] },
    },
    {
      name: 'packages-use-the-core-by-its-entries',
      comment: 'Adapters and bindings import @failover/core and @failover/core/adapter; never each other',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/', pathNot: [TESTS, '^packages/(core|testkit)/'] },
      to: {
        path: '^packages/',
        pathNot: ['^packages/$1/src/', '^packages/core/(src|dist)/(adapter/)?index\\.'],
      },
    },
    {
      name: 'the-testkit-knows-no-package',
      comment: 'The tests of the core need it, and the workspace must have no cycle',
      severity: 'error',
      from: { path: '^packages/testkit/' },
      to: { path: '^packages/(?!testkit/)' },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle at run time makes the order of imports matter',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { circular: true, viaOnly: atRunTime },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    detectProcessBuiltinModuleCalls: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@failover/source', 'import', 'types', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
}
