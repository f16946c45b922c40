import { ContradictoryOptionsError } from '../errors.ts'
import type { Service, ServiceOptions } from '../service.ts'
import { hasOwnPing } from '../service-brand.ts'
import { readOverrides } from '../settings/override-values.ts'
import { checkPingIntervals } from './ping-intervals.ts'
import {
  callable,
  count,
  durationMs,
  flag,
  fraction,
  knownKeys,
  name,
  port,
  record,
  text,
} from './validate.ts'

type Check = (option: string, value: unknown) => unknown

/** What could not be applied is refused now, and not when the service is down. */
function failoverSettings(option: string, value: unknown): Record<string, unknown> {
  const given = { ...record(option, value) }
  readOverrides(option, given, option)
  return given
}

const aDuration: Check = (option, value) => durationMs(option, value)
const aCount: Check = (option, value) => count(option, value)

/** Every option of a service and its check. */
const CHECKS: Readonly<Record<keyof ServiceOptions, Check>> = {
  name,
  host: text,
  port,
  path: text,
  ping: callable,
  failover: callable,
  recover: callable,
  failoverSettings,
  pingTimeoutMs: aDuration,
  outagePingTimeoutMs: aDuration,
  pingIntervals: checkPingIntervals,
  failuresToOpen: aCount,
  successesToClose: aCount,
  holdDownMs: aDuration,
  hookTimeoutMs: aDuration,
  jitter: fraction,
  critical: flag,
  classify: callable,
}

const KEYS = Object.keys(CHECKS) as (keyof ServiceOptions)[]

/** Checks the options that a constructor was given and puts them on the service. */
export function assignServiceOptions(service: Service, options: ServiceOptions, isSubclass: boolean): void {
  const given = record('options of Service', options)
  knownKeys('Service', given, KEYS)
  for (const key of KEYS) {
    const value = given[key]
    if (value === undefined) continue
    define(service, key, CHECKS[key](key, value), false)
  }
  if (given['name'] === undefined && isSubclass) define(service, 'name', service.constructor.name, false)
  checkAddress(service, given)
}

/** Settings may hold secrets: they are in no inspection and in no JSON. */
function define(service: Service, key: keyof ServiceOptions, value: unknown, locked: boolean): void {
  const enumerable = key !== 'failoverSettings'
  Object.defineProperty(service, key, { value, enumerable, configurable: !locked, writable: !locked })
}

/**
 * Checks every option where it stands by now - given to a constructor, or a field of a subclass - and locks it: what
 * was read once can no longer be changed by accident.
 *
 * @throws InvalidOptionError, ContradictoryOptionsError
 */
export function readServiceOptions(service: Service): Readonly<ServiceOptions> {
  const read: Record<string, unknown> = {}
  for (const key of KEYS) {
    const value: unknown = Reflect.get(service, key)
    if (value === undefined) continue
    read[key] = CHECKS[key](key, value)
    if (isUnlocked(service, key)) define(service, key, read[key], true)
  }
  name('name', read['name'])
  checkAddress(service, read)
  return Object.freeze(read)
}

/** A service that comes back, or has two monitors, was locked before; a frozen one by its owner. */
function isUnlocked(service: Service, key: keyof ServiceOptions): boolean {
  return Object.getOwnPropertyDescriptor(service, key)?.configurable === true
}

/** Only the default ping needs an address; a ping of one's own may use whichever parts it likes. */
function checkAddress(service: Service, { host, port: portNumber, path }: Record<string, unknown>): void {
  if (hasOwnPing(service)) return
  if (host !== undefined && portNumber === undefined) throw new ContradictoryOptionsError('host needs a port')
  if (portNumber !== undefined && host === undefined) throw new ContradictoryOptionsError('port needs a host')
  if (path !== undefined && host !== undefined)
    throw new ContradictoryOptionsError('either host and port, or path; got both')
}
