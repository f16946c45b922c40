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
  type ServiceOptions,
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
  /** Whether it judges its errors itself, and not by what holds for all. */
  readonly hasOwnClassify: boolean
  /** Whether its open time is given, as the least time for which it stays failed over. */
  readonly hasHoldDown: boolean
}

export interface ConfigDefaults {
  readonly pingIntervals: Partial<PingIntervals> | undefined
  readonly outageLogIntervalMs: number
  readonly classify: (error: unknown) => Verdict
  readonly hasSettings: boolean
}

const OPTIONAL = {
  pingTimeoutMs: defaults.DEFAULT_PING_TIMEOUT_MS,
  jitter: defaults.DEFAULT_JITTER,
  critical: false,
}

/** @throws InvalidOptionError, ContradictoryOptionsError */
export function readServiceConfig(service: Service, monitor: ConfigDefaults): ServiceConfig {
  const given = readServiceOptions(service)
  const { jitter, critical, pingTimeoutMs, outagePingTimeoutMs = pingTimeoutMs } = { ...OPTIONAL, ...given }
  const failoverSettings = Object.freeze({ ...given.failoverSettings })
  checkFailover(service, given, monitor)
  return Object.freeze({
    name: service.name,
    rules: toRules(service, given, monitor),
    jitter,
    critical,
    pingTimeoutMs,
    outagePingTimeoutMs,
    ping: hasPing(service) ? service.ping.bind(service) : undefined,
    failover: service.failover?.bind(service),
    recover: service.recover?.bind(service),
    failoverSettings,
    classify: service.classify?.bind(service) ?? monitor.classify,
    hasOwnClassify: service.classify !== undefined,
    hasHoldDown: given.holdDownMs !== undefined,
  })
}

function overridesSettings({ failoverSettings = {} }: ServiceOptions): boolean {
  return Reflect.ownKeys(failoverSettings).length > 0
}

function canFailOver(given: ServiceOptions): boolean {
  return overridesSettings(given) || given.failover !== undefined || given.recover !== undefined
}

function checkFailover(service: Service, given: ServiceOptions, monitor: ConfigDefaults): void {
  if (canFailOver(given) && !hasPing(service))
    throw new ContradictoryOptionsError(
      `service "${service.name}" can fail over but has nothing to ping, so it could never recover: give it a ping, host and port, or path`,
    )
  if (overridesSettings(given) && !monitor.hasSettings)
    throw new ContradictoryOptionsError(
      `service "${service.name}" has failoverSettings but its monitor has no settings: pass createSettings(...) to the monitor`,
    )
}

const DEFAULT_RULES = {
  failuresToOpen: defaults.DEFAULT_FAILURES_TO_OPEN,
  successesToClose: defaults.DEFAULT_SUCCESSES_TO_CLOSE,
  hookTimeoutMs: defaults.DEFAULT_HOOK_TIMEOUT_MS,
}

function toRules(service: Service, given: ServiceOptions, monitor: ConfigDefaults): Rules {
  const { failuresToOpen, successesToClose, hookTimeoutMs } = { ...DEFAULT_RULES, ...given }
  const openMs = given.holdDownMs ?? defaults.DEFAULT_OPEN_MS
  return Object.freeze({
    ...resolvePingIntervals(given.pingIntervals, monitor.pingIntervals),
    failuresToOpen,
    successesToClose,
    hookTimeoutMs,
    openMs,
    longestOpenMs: Math.max(openMs, defaults.LONGEST_OPEN_MS),
    bindsFirstOpening: given.holdDownMs !== undefined,
    trials: defaults.DEFAULT_TRIALS,
    trialTimeoutMs: defaults.DEFAULT_TRIAL_TIMEOUT_MS,
    outageLogIntervalMs: monitor.outageLogIntervalMs,
    hasPing: hasPing(service),
    hasFailover: canFailOver(given),
  })
}
