import { ServiceError } from '../errors.ts'
import { isService, type Service } from '../service.ts'
import { describeError } from '../adapter/describe-error.ts'
import type { ParsedSpecifier } from './specifier.ts'

type Options = Record<string, unknown>
type ServiceClass = new (options: Options) => unknown
type ServiceFactory = (options: Options) => unknown

/**
 * The service that an export is or makes.
 *
 * @throws ServiceError `ERR_SERVICE_KIND`, `ERR_SERVICE_CONSTRUCTOR`
 */
export async function makeService(specifier: ParsedSpecifier, exported: unknown): Promise<Service> {
  if (isService(exported)) return withoutOptions(specifier, exported)
  if (typeof exported !== 'function') throw wrongKind(specifier, `it is ${kindOf(exported)}, not a Service`)
  if (isServiceClass(exported)) return made(specifier, () => new exported({ ...specifier.options }))
  if (isClass(exported)) throw wrongKind(specifier, 'it is a class that does not extend Service')
  return made(specifier, () => (exported as ServiceFactory)({ ...specifier.options }))
}

/** Options that nobody reads would be lost in silence. */
function withoutOptions(specifier: ParsedSpecifier, service: Service): Service {
  if (specifier.options === undefined) return service
  throw wrongKind(
    specifier,
    'it is a Service already, which takes no options; export its class or a function',
  )
}

/** Also a class that was compiled down to a function. */
function isServiceClass(exported: object): exported is ServiceClass {
  return isService(Reflect.get(exported, 'prototype'))
}

/** A class cannot be called; the source is the only thing that tells it from a function. */
function isClass(exported: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(exported))
}

async function made(specifier: ParsedSpecifier, make: () => unknown): Promise<Service> {
  const result = await attempt(specifier, make)
  if (isService(result)) return result
  throw wrongKind(specifier, `it made ${kindOf(result)}, not a Service`)
}

/** The message of the error is left to `cause`: it may quote an option. */
async function attempt({ shown, exportName }: ParsedSpecifier, make: () => unknown): Promise<unknown> {
  try {
    return await make()
  } catch (cause) {
    const { name, code } = describeError(cause)
    const thrown = code === undefined ? name : `${name} (${code})`
    const message = `service "${shown}": ${exportName} threw ${thrown}; see cause`
    throw new ServiceError('ERR_SERVICE_CONSTRUCTOR', message, { cause })
  }
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function wrongKind({ shown }: ParsedSpecifier, problem: string): ServiceError {
  return new ServiceError('ERR_SERVICE_KIND', `service "${shown}" cannot be used: ${problem}`)
}
