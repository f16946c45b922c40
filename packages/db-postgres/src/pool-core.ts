import {
  FailoverError,
  ServiceError,
  type HoldKind,
  type HoldOptions,
  type ServiceMonitor,
} from '@failover/core'
import { atMost, type TargetGroup } from '@failover/core/adapter'
import type { PoolTarget } from './pool-target.ts'
import type { StatementRunner } from './statement-runner.ts'

type Count = 'totalCount' | 'idleCount' | 'waitingCount' | 'expiredCount'
export type Forward = (event: string, args: unknown[]) => void

export interface PoolCoreParts {
  readonly group: TargetGroup
  readonly runner: StatementRunner
  readonly pools: ReadonlyMap<string, PoolTarget>
  readonly monitor: ServiceMonitor
  readonly ownsMonitor: boolean
  readonly serviceNames: ReadonlyMap<string, string>
  /** For how long `end()` waits for connections that are lent. */
  readonly graceMs: number
  readonly forwarding: { to: Forward }
}

/** What a failover pool is made of. */
export class PoolCore {
  readonly group: TargetGroup
  readonly runner: StatementRunner
  readonly #parts: PoolCoreParts

  constructor(parts: PoolCoreParts) {
    this.group = parts.group
    this.runner = parts.runner
    this.#parts = parts
  }

  forwardTo(forward: Forward): void {
    this.#parts.forwarding.to = forward
  }

  count(key: Count): number {
    return this.#pools.reduce(
      (sum, { pool }) => sum + ((Reflect.get(pool, key) as number | undefined) ?? 0),
      0,
    )
  }

  hold(target: string, kind: HoldKind, options?: HoldOptions): void {
    this.#parts.monitor.hold(this.#serviceOf(target), kind, options)
  }

  unhold(target: string): void {
    this.#parts.monitor.unhold(this.#serviceOf(target))
  }

  /**
   * Whoever waits for a connection is told at once. Connections that are lent may finish for a while; then, and where a
   * server does not answer the goodbye, they are cut: `end()` always ends.
   */
  async end(): Promise<void> {
    const { group, runner, pools, monitor, ownsMonitor, serviceNames, graceMs } = this.#parts
    group.cutWaiting(
      new FailoverError('ERR_POOL_ENDED', 'the pool was ended while work waited for a connection'),
    )
    const ended = Promise.allSettled(this.#pools.map((pool) => pool.end()))
    await atMost(group.clock, ended, graceMs)
    for (const pool of pools.values()) pool.destroyOwn()
    runner.close()
    group.close()
    if (ownsMonitor) await monitor.close()
    else for (const service of serviceNames.values()) forget(monitor, service)
  }

  get #pools(): PoolTarget[] {
    return [...this.#parts.pools.values()]
  }

  #serviceOf(target: string): string {
    return this.#parts.serviceNames.get(target) ?? target
  }
}

/** The application may have done so itself. */
function forget(monitor: ServiceMonitor, service: string): void {
  try {
    monitor.unregister(service)
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
  }
}
