import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun, run, type CommandResult } from './command.ts'
import type { Packed } from './pack.ts'
import { readManifest } from './public-packages.ts'

const HERE = join(import.meta.dirname, '..')
const SOURCES = join(HERE, 'consumers')
const MODULE_KINDS = { esm: 'module', cjs: 'commonjs' } as const

/** Makes an application that has the tarballs installed, and everything else from the registry as users get it. */
export async function installConsumers(packages: readonly Packed[], into: string): Promise<string> {
  const app = join(into, 'app')
  cpSync(SOURCES, app, { recursive: true })
  writeFileSync(join(app, 'package.json'), JSON.stringify(applicationManifest(packages), undefined, 2))
  await mustRun('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'], app)
  addSecondCopy(app)
  for (const kind of ['esm', 'cjs'] as const) await compile(app, kind)
  await mustRun(tsc(app), ['-p', 'typescript/tsconfig.bundler.json'], app)
  return app
}

/** Runs the suites of all consumers on one Node. */
export async function runConsumers(app: string, node: string): Promise<CommandResult & { passed: number }> {
  const suites = [
    ...['plain-esm/suite.mjs', 'plain-esm/every-package.mjs', 'plain-cjs/suite.cjs', 'two-copies/suite.mjs'],
    ...Object.keys(MODULE_KINDS).map((kind) => `typescript-${kind}/out/application.js`),
  ]
  const { ok, output } = await run(node, ['--test', '--test-reporter=tap', ...suites], app)
  const passed = Number(/^# pass (\d+)$/m.exec(output)?.[1] ?? 0)
  return { ok: ok && passed > 0, output, passed }
}

function applicationManifest(packages: readonly Packed[]): object {
  const dependencies = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`]))
  const tools = ['typescript', '@types/node', '@types/pg']
  return {
    name: 'consumers',
    private: true,
    dependencies,
    devDependencies: Object.fromEntries(tools.map((name) => [name, installedVersion(name)])),
  }
}

function installedVersion(name: string): string {
  return readManifest(join(HERE, 'node_modules', name, 'package.json')).version
}

/** Two versions of a package in one tree are installed twice; here the same one is. */
function addSecondCopy(app: string): void {
  cpSync(join(app, 'node_modules/@failover'), join(app, 'two-copies/node_modules/@failover'), {
    recursive: true,
  })
}

/** The same source, once as ESM and once as CommonJS. */
async function compile(app: string, kind: keyof typeof MODULE_KINDS): Promise<void> {
  const folder = join(app, `typescript-${kind}`)
  mkdirSync(folder)
  cpSync(join(app, 'typescript/application.ts'), join(folder, 'application.ts'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: MODULE_KINDS[kind] }))
  writeFileSync(join(folder, 'tsconfig.json'), readFileSync(join(app, 'typescript/tsconfig.node.json')))
  await mustRun(tsc(app), ['-p', folder], app)
}

function tsc(app: string): string {
  return join(app, 'node_modules/.bin/tsc')
}
