import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { InvalidOptionError, ServiceError, type FailoverErrorCode } from './errors.ts'
import { loadServices, type ServiceSpecifier } from './load-services.ts'
import { Service } from './service.ts'

/** The fixtures are plain JavaScript outside the package: they get the base class from here. */
const HANDOVER = 'failoverTestService'
const CANARY = 'hunter2-canary'

const PREAMBLE = `const Service = globalThis[${JSON.stringify(HANDOVER)}];\n`
const FILES: Record<string, string> = {
  'services/search.mjs': `${PREAMBLE}
    export class SearchService extends Service { constructor(options) { super({ name: 'search', host: 'h', port: 1, ...options }); this.given = options } }
    export const instance = new SearchService({ name: 'made by the module' })
    export const factory = (options) => new SearchService(options)
    export async function asyncFactory(options) { return new SearchService(options) }
    export class Stranger {}
    export const settings = { port: 1 }
    export const list = []
    export const nothing = undefined
    export const makesNothing = () => undefined
    export class Fails extends Service { constructor(options) { super(); throw new TypeError('bad ' + options.password) } }
    export const rejects = async (options) => { throw new RangeError('bad ' + options.password) }
    export default SearchService`,
  'services/compiled.cjs': `${PREAMBLE}
    function Old(options) { return Reflect.construct(Service, [{ name: 'old', ...options }], new.target || Old) }
    Object.setPrototypeOf(Old.prototype, Service.prototype)
    Object.defineProperty(exports, '__esModule', { value: true })
    const names = { default: Old, Old }
    for (const name in names) exports[name] = names[name]`,
  'services/broken.mjs': `throw new Error('no config for postgres://u:${CANARY}@h')`,
  'services/needs-missing.mjs': `import 'failover-test-not-installed'`,
  'services/directory/index.js': `${PREAMBLE} module.exports = { make: () => new Service({ name: 'by require' }) }`,
  'services/counted.mjs': `globalThis.failoverTestCount = (globalThis.failoverTestCount ?? 0) + 1
    ${PREAMBLE} export const make = () => { globalThis.failoverTestMade = true; return new Service({ name: 'counted' }) }`,
  'node_modules/import-only/package.json': `{ "exports": { ".": { "import": "./main.mjs" }, "./sub/*": { "import": "./sub/*.mjs" } } }`,
  'node_modules/import-only/main.mjs': `${PREAMBLE} export const make = () => new Service({ name: 'import only' })`,
  'node_modules/import-only/sub/deep.mjs': `${PREAMBLE} export const make = () => new Service({ name: 'deep' })`,
  'node_modules/require-only/package.json': `{ "exports": { "require": "./main.cjs" } }`,
  'node_modules/require-only/main.cjs': `${PREAMBLE} exports.make = () => new Service({ name: 'require only' })`,
  'node_modules/@scope/legacy/package.json': `{ "main": "lib.js" }`,
  'node_modules/@scope/legacy/lib.js': `${PREAMBLE} exports.make = () => new Service({ name: 'legacy' })`,
}

let base = ''

beforeAll(async () => {
  Reflect.set(globalThis, HANDOVER, Service)
  base = await mkdtemp(join(tmpdir(), 'failover load-'))
  for (const [name, source] of Object.entries(FILES)) {
    await mkdir(dirname(join(base, name)), { recursive: true })
    await writeFile(join(base, name), source)
  }
})

afterAll(async () => {
  for (const name of [HANDOVER, 'failoverTestCount', 'failoverTestMade'])
    Reflect.deleteProperty(globalThis, name)
  await rm(base, { recursive: true })
})

afterEach(() => vi.unstubAllEnvs())

async function namesOf(...specifiers: ServiceSpecifier[]): Promise<string[]> {
  return (await loadServices(specifiers, { base })).map(({ name }) => name)
}

async function errorOf(specifier: unknown): Promise<ServiceError> {
  const failure = loadServices([specifier as ServiceSpecifier], { base }).then(
    () => expect.fail('it loaded'),
    (error: unknown) => error,
  )
  const error = await failure
  if (error instanceof ServiceError) return error
  throw error
}

describe('what a specifier may name', () => {
  test.each([
    ['an instance', './services/search.mjs#instance', 'made by the module'],
    ['a class', './services/search.mjs#SearchService', 'search'],
    ['a default export', './services/search.mjs#default', 'search'],
    ['a factory', './services/search.mjs#factory', 'search'],
    ['an asynchronous factory', './services/search.mjs#asyncFactory', 'search'],
    ['a class that was compiled to a function', './services/compiled.cjs#Old', 'old'],
    ['the default export of compiled ESM', './services/compiled.cjs#default', 'old'],
    ['a directory', './services/directory#make', 'by require'],
    ['a package with an import condition only', 'import-only#make', 'import only'],
    ['a subpath of it', 'import-only/sub/deep#make', 'deep'],
    ['a package with a require condition only', 'require-only#make', 'require only'],
    ['a package without exports', '@scope/legacy#make', 'legacy'],
    ['a specifier with blanks around', '  import-only # make ', 'import only'],
  ])('%s', async (_, specifier, name) => {
    expect(await namesOf(specifier)).toEqual([name])
  })

  test('an absolute path and a file URL', async () => {
    const path = join(base, 'services/search.mjs')
    expect(await namesOf(`${path}#instance`, `${pathToFileURL(path).href}#instance`)).toHaveLength(2)
  })

  test('several, in their order', async () => {
    const names = await namesOf('import-only#make', '@scope/legacy#make', './services/search.mjs#factory')
    expect(names).toEqual(['import only', 'legacy', 'search'])
  })
})

describe('options', () => {
  test.each(['SearchService', 'factory', 'asyncFactory'])('a copy of them is given to %s', async (name) => {
    const options = Object.freeze({ name: 'mine', host: 'elsewhere' })
    const [service] = await loadServices([{ service: `./services/search.mjs#${name}`, options }], { base })
    expect(service).toMatchObject({ name: 'mine', host: 'elsewhere', given: options })
    expect(Reflect.get(service ?? {}, 'given')).not.toBe(options)
  })

  test('a ready-made instance refuses them', async () => {
    const error = await errorOf({ service: './services/search.mjs#instance', options: { name: CANARY } })
    expect(error).toMatchObject({ code: 'ERR_SERVICE_KIND' })
    expect(error.message).toContain('takes no options')
  })
})

describe('D6: FAILOVER_SERVICES', () => {
  test('names services, separated by commas, blanks trimmed', async () => {
    vi.stubEnv('FAILOVER_SERVICES', ' import-only#make , ./services/search.mjs#instance,, ')
    const services = await loadServices(undefined, { base })
    expect(services.map(({ name }) => name)).toEqual(['import only', 'made by the module'])
  })

  test.each(['', ' , '])('%j names none', async (value) => {
    vi.stubEnv('FAILOVER_SERVICES', value)
    expect(await loadServices()).toEqual([])
  })

  test('names none if it is not set', async () => {
    vi.stubEnv('FAILOVER_SERVICES', undefined)
    expect(await loadServices()).toEqual([])
  })

  test('is not read when specifiers are given', async () => {
    vi.stubEnv('FAILOVER_SERVICES', 'malformed')
    expect(await loadServices([], { base })).toEqual([])
  })
})

describe('base', () => {
  test('is a directory or a file, as a path or a URL', async () => {
    const url = pathToFileURL(join(base, 'services/search.mjs'))
    const bases = [
      join(base, 'services'),
      join(base, 'services/search.mjs'),
      url,
      url.href,
      new URL('.', url),
    ]
    for (const each of bases)
      expect(await loadServices(['./search.mjs#instance'], { base: each })).toHaveLength(1)
  })

  test('is the working directory by default', async () => {
    vi.spyOn(process, 'cwd').mockReturnValue(base)
    expect(await loadServices(['./services/search.mjs#instance'])).toHaveLength(1)
    vi.restoreAllMocks()
  })

  test.each(['https://example.org/', 'data:,'])('%s is refused', async (href) => {
    await expect(loadServices([], { base: new URL(href) })).rejects.toBeInstanceOf(InvalidOptionError)
  })
})

describe('each way it can be wrong has its own error', () => {
  const search = './services/search.mjs'
  test.each<[unknown, FailoverErrorCode, string]>([
    ['', 'ERR_SERVICE_SPECIFIER', 'empty'],
    ['   ', 'ERR_SERVICE_SPECIFIER', 'empty'],
    [search, 'ERR_SERVICE_SPECIFIER', 'no "#"'],
    ['#Search', 'ERR_SERVICE_SPECIFIER', 'module before "#" is empty'],
    [`${search}#`, 'ERR_SERVICE_SPECIFIER', 'export after "#" is empty'],
    [`${search}#a#b`, 'ERR_SERVICE_SPECIFIER', 'more than one "#"'],
    [42, 'ERR_SERVICE_SPECIFIER', 'must be a string'],
    [null, 'ERR_SERVICE_SPECIFIER', 'must be a string'],
    [Service, 'ERR_SERVICE_SPECIFIER', 'must be a string'],
    [{ options: {} }, 'ERR_SERVICE_SPECIFIER', 'must be a string'],
    [{ service: `${search}#factory`, options: 'x' }, 'ERR_SERVICE_SPECIFIER', 'options must be an object'],
    [{ service: `${search}#factory`, option: {} }, 'ERR_SERVICE_SPECIFIER', '"option" is none of'],
    ['not-installed-anywhere#X', 'ERR_SERVICE_MODULE', "Cannot find package 'not-installed-anywhere'"],
    ['./services/absent.mjs#X', 'ERR_SERVICE_MODULE', 'Cannot find module'],
    ['import-only/hidden#X', 'ERR_SERVICE_MODULE', 'not defined by "exports"'],
    ['./services/broken.mjs#X', 'ERR_SERVICE_MODULE', 'no config for postgres://***@h'],
    ['./services/needs-missing.mjs#X', 'ERR_SERVICE_MODULE', 'failover-test-not-installed'],
    [`${search}#Serch`, 'ERR_SERVICE_EXPORT', 'no export "Serch"; it has Fails, SearchService, Stranger'],
    [`${search}#constructor`, 'ERR_SERVICE_EXPORT', 'no export "constructor"'],
    ['./services/directory#toString', 'ERR_SERVICE_EXPORT', 'no export "toString"'],
    [`${search}#Stranger`, 'ERR_SERVICE_KIND', 'class that does not extend Service'],
    [`${search}#settings`, 'ERR_SERVICE_KIND', 'an object, not a Service'],
    [`${search}#list`, 'ERR_SERVICE_KIND', 'an array, not a Service'],
    [`${search}#nothing`, 'ERR_SERVICE_KIND', 'undefined, not a Service'],
    [`${search}#makesNothing`, 'ERR_SERVICE_KIND', 'made undefined, not a Service'],
    [{ service: `${search}#Fails`, options: {} }, 'ERR_SERVICE_CONSTRUCTOR', 'Fails threw TypeError'],
    [{ service: `${search}#rejects`, options: {} }, 'ERR_SERVICE_CONSTRUCTOR', 'rejects threw RangeError'],
  ])('%j: %s', async (specifier, code, problem) => {
    const error = await errorOf(specifier)
    expect(error.code).toBe(code)
    expect(error.message).toContain(problem)
  })

  test('the message names the specifier', async () => {
    for (const each of ['nowhere#X', `${search}#Serch`, `${search}#Stranger`, `${search}#Fails`, 'no-hash'])
      expect((await errorOf(each)).message).toContain(`"${each}"`)
  })

  test('the cause is kept', async () => {
    expect((await errorOf('./services/broken.mjs#X')).cause).toHaveProperty(
      'message',
      expect.stringContaining('no config'),
    )
    expect((await errorOf(`${search}#rejects`)).cause).toBeInstanceOf(RangeError)
    expect((await errorOf('nowhere#X')).cause).toMatchObject({ code: 'ERR_MODULE_NOT_FOUND' })
  })

  test('no option is printed', async () => {
    for (const name of ['Fails', 'rejects', 'Stranger', 'makesNothing', 'absent']) {
      const { message } = await errorOf({ service: `${search}#${name}`, options: { password: CANARY } })
      expect(message).not.toContain(CANARY)
    }
    expect((await errorOf({ service: 7, options: { password: CANARY } })).message).not.toContain(CANARY)
  })

  test('nothing is loaded when a later specifier is malformed, nothing made when a later module is missing', async () => {
    await expect(namesOf('./services/counted.mjs#make', 'malformed')).rejects.toBeInstanceOf(ServiceError)
    expect(Reflect.get(globalThis, 'failoverTestCount')).toBeUndefined()
    await expect(namesOf('./services/counted.mjs#make', 'nowhere#X')).rejects.toBeInstanceOf(ServiceError)
    expect(Reflect.get(globalThis, 'failoverTestCount')).toBe(1)
    expect(Reflect.get(globalThis, 'failoverTestMade')).toBeUndefined()
  })

  test('the list itself must be an array', async () => {
    const loading = loadServices('a#b' as unknown as string[])
    await expect(loading).rejects.toBeInstanceOf(InvalidOptionError)
  })
})
