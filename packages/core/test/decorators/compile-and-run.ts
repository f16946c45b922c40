import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { transform } from 'esbuild'

const exec = promisify(execFile)
const FIXTURES = join(import.meta.dirname, 'fixtures')
const CORE = join(import.meta.dirname, '../..')
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc')

export interface CompilerOptions {
  readonly target: 'ES2022'
  readonly module: 'NodeNext'
  readonly experimentalDecorators: boolean
}

export type Compiler = (fixture: string, folder: string, options: CompilerOptions) => Promise<void>

/** What the fixture prints when plain Node runs it as it was compiled, with the core of this repository. */
export async function compileAndRun(
  compiler: Compiler,
  fixture: string,
  { legacy = false } = {},
): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'failover-decorators-'))
  try {
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
    await mkdir(join(folder, 'node_modules/@failover'), { recursive: true })
    await symlink(CORE, join(folder, 'node_modules/@failover/core'))
    await compiler(fixture, folder, { target: 'ES2022', module: 'NodeNext', experimentalDecorators: legacy })
    const { stdout } = await exec(process.execPath, ['--conditions=@failover/source', `${fixture}.js`], {
      cwd: folder,
    })
    return JSON.parse(stdout)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Types are checked with those of the repository, by `pnpm typecheck`: here the code alone matters. */
export async function tsc(fixture: string, folder: string, options: CompilerOptions): Promise<void> {
  await cp(join(FIXTURES, `${fixture}.ts`), join(folder, `${fixture}.ts`))
  const compilerOptions = { ...options, noCheck: true, noResolve: true, types: [] }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  await exec(process.execPath, [TSC, '-p', folder])
}

export async function esbuild(
  fixture: string,
  folder: string,
  { target, experimentalDecorators }: CompilerOptions,
): Promise<void> {
  const source = await readFile(join(FIXTURES, `${fixture}.ts`), 'utf8')
  const { code } = await transform(source, {
    loader: 'ts',
    target: target.toLowerCase(),
    tsconfigRaw: { compilerOptions: { experimentalDecorators } },
  })
  await writeFile(join(folder, `${fixture}.js`), code)
}
