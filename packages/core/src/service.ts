import type { Verdict } from './adapter/verdict.ts'
import type { PingIntervals } from './options/ping-intervals.ts'
import { assignServiceOptions } from './options/service-options.ts'
import { ContradictoryOptionsError } from './errors.ts'
import { connectPing } from './ping/connect-ping.ts'
import { hasOwnPing, SERVICE_BRAND } from './service-brand.ts'

export interface PingContext {
  /** Aborted at the ping's deadline, and when the monitor closes. */
  readonly signal: AbortSignal
}

export interface HookContext {
  /** Name of the service. */
  readonly service: string
  /** Aborted when the hook's time is up, and when the monitor closes. */
  readonly signal: AbortSignal
  /** What the outage began with. */
  readonly error: { readonly name: string; readonly code?: string; readonly message: string }
}

export interface FailoverContext extends HookContext {
  /**
   * Overrides settings until the service has recovered, beside its `failoverSettings`.
   *
   * @throws HookError `ERR_CONTEXT_EXPIRED` once the hook's time is up
   */
  override(settings: Record<string, unknown>): void
}

export interface ServiceOptions {
  /** What it is called in logs, events and calls. Default: the name of the class. */
  name?: string
  /** Host and port that the default ping connects to. */
  host?: string
  port?: number
  /** Unix socket that the default ping connects to, instead of host and port. */
  path?: string
  /** Resolves when the service is up, rejects or throws when it is down. Default: connects to host and port. */
  ping?: (context: PingContext) => unknown
  /** Moves the application to something that works. Called once per outage, and again if it failed. */
  failover?: (context: FailoverContext) => void | Promise<void>
  /** Moves the application back. Called once after each successful `failover()`. */
  recover?: (context: HookContext) => void | Promise<void>
  /** Settings that are overridden, all at once, while the service is down. Needs `settings` on the monitor. */
  failoverSettings?: Record<string, unknown>
  /** Deadline of one ping. Default: 3 000. */
  pingTimeoutMs?: number
  /** Deadline of one ping while the service is down. Default: `pingTimeoutMs`. */
  outagePingTimeoutMs?: number
  /** Least times between two pings. Default: the monitor's, else 120 000 / 30 000 / 5 000. */
  pingIntervals?: Partial<PingIntervals>
  /** Failed pings in a row until it counts as down. Default: 1. */
  failuresToOpen?: number
  /** Good pings in a row until it counts as up again. Default: 1. */
  successesToClose?: number
  /** The least time for which it stays failed over; doubles each time it falls again soon. Default: none. */
  holdDownMs?: number
  /** Deadline of `failover()` and of `recover()`. Default: 10 000. */
  hookTimeoutMs?: number
  /** Share of the interval by which background pings may come later, 0 to 1. Default: 0.1. */
  jitter?: number
  /** Whether the application is not ready while this is down and not failed over. Default: false. */
  critical?: boolean
  /** What an error says about this service. Default: the monitor's `classify`. */
  classify?: (error: unknown) => Verdict
}

/**
 * Something the application depends on. Subclass it, or pass options to the constructor; the options are checked there,
 * a subclass's fields when it is registered. Both are read once, at registration.
 */
export class Service {
  declare readonly name: string
  declare readonly host?: string
  declare readonly port?: number
  declare readonly path?: string
  declare readonly failoverSettings?: Record<string, unknown>
  declare readonly pingTimeoutMs?: number
  declare readonly outagePingTimeoutMs?: number
  declare readonly pingIntervals?: Partial<PingIntervals>
  declare readonly failuresToOpen?: number
  declare readonly successesToClose?: number
  declare readonly holdDownMs?: number
  declare readonly hookTimeoutMs?: number
  declare readonly jitter?: number
  declare readonly critical?: boolean

  /**
   * @throws InvalidOptionError if an option is out of range
   * @throws ContradictoryOptionsError if options cannot work together
   */
  constructor(options: ServiceOptions = {}) {
    assignServiceOptions(this, options, new.target !== Service)
  }

  /** Resolves when the service is up. Default: connects to `host` and `port`, or to `path`. */
  ping({ signal }: PingContext): unknown {
    const target = connectTarget(this)
    if (target === undefined)
      throw new ContradictoryOptionsError(`service "${this.name}" has nothing to ping`)
    return connectPing(target, { signal })
  }

  failover?(context: FailoverContext): void | Promise<void>
  recover?(context: HookContext): void | Promise<void>
  classify?(error: unknown): Verdict

  static {
    Object.defineProperty(this.prototype, SERVICE_BRAND, { value: true })
    Object.defineProperty(this.prototype.ping, SERVICE_BRAND, { value: 'default' })
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    if (this !== Service) return Function.prototype[Symbol.hasInstance].call(this, value)
    return isService(value)
  }
}

/** Whether it is a service, of this copy of the package or of another one in the process. */
export function isService(value: unknown): value is Service {
  return typeof value === 'object' && value !== null && Reflect.get(value, SERVICE_BRAND) === true
}

/** Whether there is something to ping: its own question, or an address to connect to. */
export function hasPing(service: Service): boolean {
  return hasOwnPing(service) || connectTarget(service) !== undefined
}

export function connectTarget(
  service: Service,
): { host: string; port: number } | { path: string } | undefined {
  const { host, port, path } = service
  if (path !== undefined) return { path }
  return host === undefined || port === undefined ? undefined : { host, port }
}
