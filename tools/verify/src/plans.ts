export interface Step {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
}

function turbo(task: string, concurrency = 2, filters: readonly string[] = []): Step {
  const args = ['run', task, ...filters, `--concurrency=${concurrency}`, '--output-logs=new-only']
  return { name: task, command: 'turbo', args }
}

const STEPS = {
  build: turbo('build'),
  buildCore: turbo('build', 2, ['--filter=@failover/core']),
  // What the first step built is measured, not the sources.
  bench: { name: 'bench', command: 'node', args: ['benchmarks/src/main.ts'] },
  typecheck: turbo('typecheck'),
  tests: { name: 'tests', command: 'vitest', args: ['run'] },
  unitTests: turbo('test'),
  // Each starts servers of its own.
  liveTests: turbo('test:live', 1),
  packages: turbo('check:package'),
  smoke: turbo('smoke'),
  rules: {
    name: 'eslint',
    command: 'eslint',
    args: ['.', '--max-warnings=0', '--pass-on-unpruned-suppressions'],
  },
  boundaries: {
    name: 'boundaries',
    command: 'depcruise',
    args: [
      '--config',
      '.dependency-cruiser.mjs',
      'packages',
      '--include-only',
      '^packages/[^/]+/(src|test)/',
    ],
  },
  format: { name: 'format', command: 'prettier', args: ['--check', '--log-level=warn', '.'] },
  unused: { name: 'unused', command: 'knip', args: [] },
} satisfies Record<string, Step>

/** What each script of the root runs, in order. The last step is given the script's own arguments. */
export const PLANS: Readonly<Record<string, readonly Step[]>> = {
  build: [STEPS.build],
  bench: [STEPS.buildCore, STEPS.bench],
  typecheck: [STEPS.typecheck],
  'check:package': [STEPS.packages],
  smoke: [STEPS.smoke],
  test: [STEPS.build, STEPS.typecheck, STEPS.tests, STEPS.packages],
  'test:unit': [STEPS.unitTests],
  'test:live': [STEPS.liveTests],
  lint: [STEPS.rules, STEPS.boundaries, STEPS.format, STEPS.unused],
}
