import type { ErrorSummary } from '../adapter/describe-error.ts'
import { projectedCircuit } from '../machine/projection.ts'
import type { Rules } from '../machine/rules.ts'
import type { CircuitName, FailoverName, HoldKind, MachineState, PingResultName } from '../machine/state.ts'
import type { ServiceConfig } from '../monitor/service-config.ts'

export interface ServiceHealth {
  readonly state: CircuitName
  readonly failover: FailoverName
  readonly hold: HoldKind | 'none'
  readonly critical: boolean
  /** Result of the last ping; `none` before the first. */
  readonly lastPing: PingResultName | 'none'
  /** For how long it has been down, in milliseconds. */
  readonly outageMs?: number
  /** What the outage began with, redacted. */
  readonly error?: ErrorSummary
}

export interface HealthReport {
  /** `pass`: all is well. `warn`: something is down, but the application can work. `fail`: it is not ready. */
  readonly status: 'pass' | 'warn' | 'fail'
  readonly services: Readonly<Record<string, ServiceHealth>>
}

interface Watched {
  readonly config: ServiceConfig
  readonly rules: Rules
  /** Also where no timer runs. */
  readonly stateNow: MachineState
}

/** One report for readiness and status pages. It reads what is known and pings nothing. */
export function healthReport(services: Iterable<Watched>, now: number): HealthReport {
  const entries = [...services].map((service) => [service.config.name, serviceHealth(service, now)] as const)
  const status = entries.map(([, health]) => health).reduce(worse, 'pass')
  return { status, services: Object.fromEntries(entries) }
}

function serviceHealth({ config, rules, stateNow: state }: Watched, now: number): ServiceHealth {
  const { outage } = state
  return {
    state: projectedCircuit(state, rules, now),
    failover: state.failover.name,
    hold: state.hold?.kind ?? 'none',
    critical: config.critical,
    lastPing: state.lastPing?.result ?? 'none',
    ...(outage === undefined ? {} : { outageMs: now - outage.since, error: outage.error }),
  }
}

/** A failed-over service works, degraded. A shared outage must not take every instance out of rotation. */
function worse(status: HealthReport['status'], health: ServiceHealth): HealthReport['status'] {
  if (health.state === 'closed' || status === 'fail') return status
  const isFailedOver = health.failover === 'failed-over' || health.failover === 'recovering'
  return health.critical && !isFailedOver ? 'fail' : 'warn'
}
