import {
  consecutiveFailures,
  type BreakerOptions,
  type ServiceMonitorOptions,
  type ServiceOptions,
} from '../../src/index.ts'
import { setUp } from '../support/setup.ts'
import { breakIt } from './support.ts'

export const MONITORING_MS = 120_000
export const OUTAGE_MS = 30_000
export const DEAD = new Error('ECONNREFUSED')

type Scripted = Omit<ServiceOptions, 'ping' | 'failover' | 'recover'>

/** A monitored service with hooks, whose breaker opens at the first failure. */
export async function join(
  options: BreakerOptions = {},
  service: Scripted = {},
  monitor: ServiceMonitorOptions = {},
) {
  const world = await setUp(service, monitor)
  const breaker = world.monitor.breaker('scripted', { tripRule: consecutiveFailures(1), ...options })
  const health = () => world.monitor.health().services['scripted']
  return { ...world, breaker, health }
}

/** The same, failed over because calls failed, while pings fail as well. */
export async function joinFailedOver(options: BreakerOptions = {}) {
  const world = await join(options)
  world.service.scripts.ping = DEAD
  await breakIt(world.breaker)
  await world.clock.advance(0)
  return world
}
