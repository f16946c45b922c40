import { ServiceMonitor } from '@failover/core'
import { adapterPort, TargetGroup, type Target, type TargetOptions } from '@failover/core/adapter'
import pg from 'pg'
import type { Pool, PoolConfig } from 'pg'
import { configOfPool, copyWithSecrets, readConnectionConfig, readOnlySession } from './connection-config.ts'
import { FailoverPool } from './failover-pool.ts'
import { readPoolOptions, type FailoverPoolOptions, type PoolSettings, type TargetConfig } from './options.ts'
import { PoolCore, type Forward } from './pool-core.ts'
import { PoolTarget } from './pool-target.ts'
import { PostgresService } from './postgres-service.ts'
import { StatementRunner } from './statement-runner.ts'

interface Prepared {
  readonly target: TargetConfig
  readonly tier: number
  readonly config: PoolConfig
  readonly service: PostgresService
  readonly readOnly: boolean
}

/**
 * Makes a pool over several PostgreSQL servers. It is a `pg.Pool`, and goes wherever one goes; its servers are watched,
 * and work goes to the first of them that works.
 *
 * @throws InvalidOptionError, ContradictoryOptionsError
 * @throws ServiceError `ERR_SERVICE_NAME_TAKEN` if the monitor already watches services of these names
 */
export function createFailoverPool(options: FailoverPoolOptions): FailoverPool {
  const settings = readPoolOptions(options)
  const prepared = settings.tiers.flatMap((tier, index) =>
    tier.map((target) => prepare(settings, target, index)),
  )
  const monitor = options.monitor ?? new ServiceMonitor()
  registerAll(
    monitor,
    prepared.map(({ service }) => service),
  )
  const core = assemble(settings, prepared, monitor, options.monitor === undefined)
  return new FailoverPool(core, shownOptions(prepared))
}

/** All or none: a monitor of the application's is left as it was. */
function registerAll(monitor: ServiceMonitor, services: readonly PostgresService[]): void {
  const registered: PostgresService[] = []
  try {
    for (const service of services) registered.push(monitor.register(service))
  } catch (error) {
    for (const service of registered) monitor.unregister(service)
    throw error
  }
}

function prepare(settings: PoolSettings, target: TargetConfig, tier: number): Prepared {
  const readOnly = settings.mode === 'read' && target.readOnly !== false
  const config = configOf(target, settings)
  const maxLagMs = target.maxLagMs ?? settings.maxLagMs
  const service = new PostgresService({
    name: `${settings.name}:${target.name}`,
    config,
    pingIntervals: { ...settings.pingIntervals, ...target.pingIntervals },
    pingTimeoutMs: settings.pingTimeoutMs,
    failuresToOpen: settings.failuresToOpen,
    successesToClose: settings.successesToClose,
    holdDownMs: settings.holdDownMs,
    ...(maxLagMs === undefined ? {} : { maxLagMs }),
  })
  return { target, tier, config: readOnly ? readOnlySession(config) : config, service, readOnly }
}

/** pg has no deadline for connecting unless it is given one: a frozen server would hold the pool's places for ever. */
function configOf({ name, config, pool }: TargetConfig, { acquireTimeoutMs }: PoolSettings): PoolConfig {
  if (pool !== undefined) return configOfPool(pool)
  const given = typeof config === 'string' ? { connectionString: config } : (config ?? {})
  const read = readConnectionConfig(`config of target "${name}"`, given)
  return copyWithSecrets(read, {
    keepAlive: read.keepAlive ?? true,
    connectionTimeoutMillis: read.connectionTimeoutMillis ?? acquireTimeoutMs,
  })
}

function assemble(
  settings: PoolSettings,
  prepared: Prepared[],
  monitor: ServiceMonitor,
  ownsMonitor: boolean,
): PoolCore {
  const forwarding: { to: Forward } = { to: () => {} }
  const pools = new Map(prepared.map((entry) => [entry.target.name, toPoolTarget(entry, forwarding)]))
  const poolOf = (target: Target): PoolTarget => known(pools.get(target.name))
  const readOnly = new Set(prepared.filter((entry) => entry.readOnly).map(({ target }) => target.name))
  const { mode, failback, suspectAfterMs, acquireTimeoutMs } = settings
  const group = new TargetGroup({
    pool: settings.name,
    port: adapterPort(monitor),
    targets: prepared.map(toTarget),
    mode,
    failback,
    suspectAfterMs,
    lastResortMs: acquireTimeoutMs,
    onOpened: (target) => poolOf(target).closeIdle(),
  })
  const runner = new StatementRunner({
    group,
    mode,
    acquireTimeoutMs,
    poolOf: (target) => poolOf(target).pool,
    isReadOnly: ({ name }) => readOnly.has(name),
  })
  const serviceNames = new Map(prepared.map(({ target, service }) => [target.name, service.name]))
  return new PoolCore({
    group,
    runner,
    pools,
    monitor,
    ownsMonitor,
    serviceNames,
    graceMs: acquireTimeoutMs,
    forwarding,
  })
}

function toTarget({ target, tier, service }: Prepared): TargetOptions {
  return { name: target.name, tier, service, role: () => service.role, answers: () => service.answers }
}

function toPoolTarget({ target, config, readOnly }: Prepared, forwarding: { to: Forward }): PoolTarget {
  const pool: Pool = target.pool ?? new pg.Pool(config)
  const isOwn = target.pool === undefined
  const forward: Forward = (event, args) => forwarding.to(event, args)
  return new PoolTarget({ name: target.name, pool, isOwn, mustSetReadOnly: readOnly && !isOwn, forward })
}

/** What users of a pool read from its options: those of the most preferred target, without secrets. */
function shownOptions([first]: Prepared[]): PoolConfig {
  const { host, port, database, user, max } = known(first).config
  return {
    ...(host && { host }),
    ...(port && { port }),
    ...(database && { database }),
    ...(user && { user }),
    ...(max && { max }),
  }
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('a target of another pool')
  return value
}
