import type { Verdict } from '../adapter/verdict.ts'
import * as defaults from '../defaults.ts'
import { ContradictoryOptionsError } from '../errors.ts'
import type { Rules } from '../machine/rules.ts'
import { resolvePingIntervals, type PingIntervals } from '../options/ping-intervals.ts'
import { readServiceOptions } from '../options/service-options.ts'
import {
  hasPing,
  type FailoverContext,
  type HookContext,
  type PingContext,
  type Service,
} from '../service.ts'

/** A registered service as the monitor uses it: read once, frozen. */
export interface ServiceConfig {
  readonly name: string
  readonly rules: Rules
  readonly jitter: number
  readonly critical: boolean
  readonly pingTimeoutMs: number
  readonly outagePingTimeoutMs: number
  readonly ping: ((context: PingContext) => unknown) | undefined
  readonly failover: ((context: FailoverContext) => unknown) | undefined
  readonly recover: ((context: HookContext) => unknown) | undefined
  readonly failoverSettings: Readonly<Record<string, unknown>>
  readonly classify: (error: unknown) => Verdict
}

export interface ConfigDefaults {
  readonly pingIntervals: Partial<PingIntervals> | undefined
  readonly outageLogIntervalMs: number
  readonly classify: (error: unknown) => Verdict
  readonly hasSettings: boolean
}

/** @throws InvalidOptionError, ContradictoryOptionsError */
export function readServiceConfig(service: Service, monitor: ConfigDefaults): ServiceConfig {
  const options = readServiceOptions(service)
  const failoverSettings = Object.freeze({ ...options.failoverSettings })
  const overrides = Object.keys(failoverSettings).length > 0
  const hasFailover = overrides || options.failover !== undefined || options.recover !== undefined
  const pingTimeoutMs = options.pingTimeoutMs ?? defaults.DEFAULT_PING_TIMEOUT_MS
  checkFailover(service, hasFailover, overrides && !monitor.hasSettings)
  return Object.freeze({
    name: service.name,
    rules: toRules(
      service,
      resolvePingIntervals(options.pingIntervals, monitor.pingIntervals),
      hasFailover,
      monitor,
    ),
    jitter: options.jitter ?? defaults.DEFAULT_JITTER,
    critical: options.critical ?? false,
    pingTimeoutMs,
    outagePingTimeoutMs: options.outagePingTimeoutMs ?? pingTimeoutMs,
    ping: hasPing(service) ? service.ping.bind(service) : undefined,
    failover: service.failover?.bind(service),
    recover: service.recover?.bind(service),
    failoverSettings,
    classify: service.classify?.bind(service) ?? monitor.classify,
  })
}

function checkFailover(service: Service, hasFailover: boolean, lacksSettings: boolean): void {
  if (hasFailover && !hasPing(service))
    throw new ContradictoryOptionsError(
      `service "${service.name}" can fail over but has nothing to ping, so it could never recover: give it a ping, host and port, or path`,
    )
  if (lacksSettings)
    throw new ContradictoryOptionsError(
      `service "${service.name}" has failoverSettings but its monitor has no settings: pass createSettings(...) to the monitor`,
    )
}

function toRules(
  service: Service,
  intervals: PingIntervals,
  hasFailover: boolean,
  monitor: ConfigDefaults,
): Rules {
  const openMs = service.holdDownMs ?? defaults.DEFAULT_OPEN_MS
  return Object.freeze({
    ...intervals,
    failuresToOpen: service.failuresToOpen ?? defaults.DEFAULT_FAILURES_TO_OPEN,
    successesToClose: service.successesToClose ?? defaults.DEFAULT_SUCCESSES_TO_CLOSE,
    openMs,
    longestOpenMs: Math.max(openMs, defaults.LONGEST_OPEN_MS),
    bindsFirstOpening: service.holdDownMs !== undefined,
    trials: defaults.DEFAULT_TRIALS,
    trialTimeoutMs: defaults.DEFAULT_TRIAL_TIMEOUT_MS,
    hookTimeoutMs: service.hookTimeoutMs ?? defaults.DEFAULT_HOOK_TIMEOUT_MS,
    outageLogIntervalMs: monitor.outageLogIntervalMs,
    hasPing: hasPing(service),
    hasFailover,
  })
}
