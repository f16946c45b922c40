import {
  ContradictoryOptionsError,
  InvalidOptionError,
  type PingIntervals,
  type ServiceMonitor,
} from '@failover/core'
import { validate, type PoolMode } from '@failover/core/adapter'
import type { Pool, PoolConfig } from 'pg'

/** One server of a failover pool. */
export interface TargetConfig {
  /** What it is called in logs, events and calls. */
  name: string
  /** Where it is: a connection string, or what pg.Pool takes. Either this or `pool`. */
  config?: string | PoolConfig | undefined
  /**
   * A pool that the application has made, and ends itself. In a read pool its sessions become read-only, so it must not
   * be used for writing elsewhere.
   */
  pool?: Pool | undefined
  /** In a read pool: `false` leaves its sessions as they are, so that only idempotent statements are run again. */
  readOnly?: boolean
  /** Replica lag above which it counts as down. Default: the pool's. */
  maxLagMs?: number
  /** Overrides the pool's, key by key. */
  pingIntervals?: Partial<PingIntervals>
}

export interface FailoverPoolOptions {
  /** What the pool is called in logs and events; its services are `name:target`. Default: `postgres`. */
  name?: string
  /** In order of preference; targets in an inner array share a tier, and the work is spread between them. */
  targets: readonly (TargetConfig | readonly TargetConfig[])[]
  /** `read`: any target serves, sessions are read-only. `write`: only the primary serves. Default: `read`. */
  mode?: PoolMode
  /** Whose monitor watches the targets. Default: one of its own, that ends with the pool. */
  monitor?: ServiceMonitor
  /** Default: 5 000 / 2 000 / 500. */
  pingIntervals?: Partial<PingIntervals>
  /** Deadline of one ping. Default: 1 000. */
  pingTimeoutMs?: number
  /** Failed pings in a row until a target counts as down. Default: 2. */
  failuresToOpen?: number
  /** Good pings in a row until it counts as up again. Default: 2. */
  successesToClose?: number
  /** A statement that has no answer after this time makes its target suspect: it is pinged at once. Default: 250. */
  suspectAfterMs?: number
  /** For how long a statement waits for a connection. Default: 2 000. */
  acquireTimeoutMs?: number
  /** Replica lag above which a target counts as down. Default: no limit. */
  maxLagMs?: number
  /** The least time for which a target stays out once it was down; doubles when it falls again soon. Default: 10 000. */
  holdDownMs?: number
  /**
   * Write pools: whether work moves back to a more preferred primary by itself. Default: `manual` - hold the current
   * one `open` to move - because a primary that returns may be stale.
   */
  failback?: 'manual' | 'automatic'
}

export interface PoolSettings {
  readonly name: string
  readonly mode: PoolMode
  readonly tiers: readonly (readonly TargetConfig[])[]
  readonly pingIntervals: Partial<PingIntervals>
  readonly pingTimeoutMs: number
  readonly failuresToOpen: number
  readonly successesToClose: number
  readonly suspectAfterMs: number
  readonly acquireTimeoutMs: number
  readonly maxLagMs: number | undefined
  readonly holdDownMs: number
  readonly failback: 'manual' | 'automatic'
}

/** A pool serves every request: it asks more often than a plain service does. */
const BRISK_INTERVALS = { monitoringMs: 5_000, outageMs: 2_000, errorMs: 500 }

const DEFAULTS = {
  name: 'postgres',
  mode: 'read',
  pingIntervals: {},
  pingTimeoutMs: 1_000,
  failuresToOpen: 2,
  successesToClose: 2,
  suspectAfterMs: 250,
  acquireTimeoutMs: 2_000,
  holdDownMs: 10_000,
  failback: 'manual',
} as const

const POOL_KEYS = [
  'name',
  'targets',
  'mode',
  'monitor',
  'pingIntervals',
  'pingTimeoutMs',
  'failuresToOpen',
  'successesToClose',
  'suspectAfterMs',
  'acquireTimeoutMs',
  'maxLagMs',
  'holdDownMs',
  'failback',
]
const TARGET_KEYS = ['name', 'config', 'pool', 'readOnly', 'maxLagMs', 'pingIntervals']

/** @throws InvalidOptionError, ContradictoryOptionsError */
export function readPoolOptions(options: FailoverPoolOptions): PoolSettings {
  validate.knownKeys(
    'createFailoverPool',
    validate.record('options of createFailoverPool', options),
    POOL_KEYS,
  )
  const given = { ...DEFAULTS, ...withValues(options) }
  const settings: PoolSettings = {
    name: validate.name('name', given.name),
    mode: validate.oneOf('mode', given.mode, ['read', 'write']),
    tiers: readTiers(given.targets),
    pingIntervals: {
      ...BRISK_INTERVALS,
      ...withValues(validate.record('pingIntervals', given.pingIntervals)),
    },
    pingTimeoutMs: validate.durationMs('pingTimeoutMs', given.pingTimeoutMs),
    failuresToOpen: validate.count('failuresToOpen', given.failuresToOpen),
    successesToClose: validate.count('successesToClose', given.successesToClose),
    suspectAfterMs: validate.durationMs('suspectAfterMs', given.suspectAfterMs),
    acquireTimeoutMs: validate.durationMs('acquireTimeoutMs', given.acquireTimeoutMs),
    maxLagMs: validate.optional((option, value) => validate.durationMs(option, value))(
      'maxLagMs',
      given.maxLagMs,
    ),
    holdDownMs: validate.durationMs('holdDownMs', given.holdDownMs),
    failback: validate.oneOf('failback', given.failback, ['manual', 'automatic']),
  }
  if (options.monitor !== undefined)
    validate.callable('monitor.register', Reflect.get(Object(options.monitor), 'register'))
  checkTogether(settings, options)
  return Object.freeze(settings)
}

/** An option that is `undefined` is not given. */
function withValues<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}

function checkTogether(
  { mode, tiers, suspectAfterMs, acquireTimeoutMs }: PoolSettings,
  given: FailoverPoolOptions,
): void {
  const names = tiers.flat().map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new ContradictoryOptionsError(`two targets are called "${twice}"`)
  if (mode === 'read' && given.failback !== undefined)
    throw new ContradictoryOptionsError(
      'failback is for mode "write"; a read pool moves back after holdDownMs',
    )
  if (suspectAfterMs > acquireTimeoutMs)
    throw new ContradictoryOptionsError('suspectAfterMs must not be longer than acquireTimeoutMs')
  if (mode === 'write') checkWriting(tiers.flat(), given)
}

function checkWriting(targets: readonly TargetConfig[], given: FailoverPoolOptions): void {
  if ([given, ...targets].some(({ maxLagMs }) => maxLagMs !== undefined))
    throw new ContradictoryOptionsError('maxLagMs is for mode "read"; a primary does not lag')
  if (targets.some(({ readOnly }) => readOnly !== undefined))
    throw new ContradictoryOptionsError('readOnly is for mode "read"; a write pool writes')
}

function readTiers(targets: unknown): (readonly TargetConfig[])[] {
  if (!Array.isArray(targets) || targets.length === 0)
    throw new InvalidOptionError('targets', 'an array of at least one target', targets)
  return targets.map((entry: unknown, index) => readTier(`targets[${index}]`, entry))
}

function readTier(option: string, entry: unknown): readonly TargetConfig[] {
  if (!Array.isArray(entry)) return [readTarget(option, entry)]
  if (entry.length === 0) throw new InvalidOptionError(option, 'a tier of at least one target', entry)
  return entry.map((target: unknown, index) => readTarget(`${option}[${index}]`, target))
}

function readTarget(option: string, entry: unknown): TargetConfig {
  const target = validate.record(option, entry)
  validate.knownKeys(option, target, TARGET_KEYS)
  validate.name(`${option}.name`, target['name'])
  if ((target['config'] === undefined) === (target['pool'] === undefined))
    throw new ContradictoryOptionsError(`${option} needs either config or pool`)
  if (typeof target['config'] === 'string') validate.text(`${option}.config`, target['config'])
  else if (target['config'] !== undefined) validate.record(`${option}.config`, target['config'])
  if (target['maxLagMs'] !== undefined) validate.durationMs(`${option}.maxLagMs`, target['maxLagMs'])
  if (target['pingIntervals'] !== undefined)
    validate.record(`${option}.pingIntervals`, target['pingIntervals'])
  if (target['readOnly'] !== undefined) validate.flag(`${option}.readOnly`, target['readOnly'])
  if (target['pool'] !== undefined)
    validate.callable(`${option}.pool.connect`, Reflect.get(Object(target['pool']), 'connect'))
  return entry as TargetConfig
}
