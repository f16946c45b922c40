import { ADAPTER_PORT, type AdapterPort } from './adapter/adapter-port.ts'
import { classifyError, isWeakError } from './adapter/classify-error.ts'
import { matchesOutageErrors } from './adapter/outage-errors.ts'
import type { Verdict } from './adapter/verdict.ts'
import type { BreakerOptions } from './breaker/breaker-options.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import { atMost } from './clock/at-most.ts'
import { KeepAlive } from './clock/keep-alive.ts'
import { CLOSE_GRACE_MS } from './defaults.ts'
import { FailoverError, ServiceError } from './errors.ts'
import { EventHub } from './events/event-hub.ts'
import type { FailoverEventOf, FailoverEventType } from './events/events.ts'
import { healthReport, type HealthReport } from './health/health-report.ts'
import { EventLog } from './logging/event-log.ts'
import type { HoldKind } from './machine/state.ts'
import type { Trigger } from './monitor/pinger.ts'
import { Registry, type Registrable } from './monitor/registry.ts'
import { checkServiceBreaker, ServiceBreakers } from './monitor/service-breakers.ts'
import { ServiceHandle } from './monitor/service-handle.ts'
import type { ServiceShell } from './monitor/service-shell.ts'
import { readHold, type HoldOptions } from './options/hold-options.ts'
import {
  readMonitorOptions,
  type MonitorConfig,
  type ServiceMonitorOptions,
} from './options/monitor-options.ts'
import { name as checkName, oneOf } from './options/validate.ts'
import { describeError } from './adapter/describe-error.ts'
import { redact } from './redact.ts'
import { Service } from './service.ts'
import { settingsOf } from './settings/settings.ts'

/** What has `once('close')`: servers of node:http and most things that listen. */
export interface Closable {
  once(event: 'close', listener: () => void): unknown
}

export interface CloseOptions {
  /** Whether settings that are overridden now stay so (default) or are restored. No hook runs either way. */
  overrides?: 'keep' | 'restore'
}

/**
 * Watches services: pings them on their intervals, fails over when they are down, recovers when they are back, says so
 * once and again every hour. Registering a service schedules its background pings; they keep no process alive.
 */
export class ServiceMonitor {
  readonly #config: MonitorConfig
  readonly #hub: EventHub
  readonly #registry: Registry
  readonly #keepAlive: KeepAlive
  readonly #breakers = new ServiceBreakers()
  #closing: Promise<void> | undefined
  #stopSettings = (): void => {}

  /** @throws InvalidOptionError, ContradictoryOptionsError */
  constructor(options: ServiceMonitorOptions = {}) {
    this.#config = readMonitorOptions(options)
    const { clock, logger, outageLogIntervalMs } = this.#config
    const log = logger && new EventLog(logger, clock, outageLogIntervalMs)
    this.#hub = new EventHub(clock, (type, error) =>
      log?.write('error', `a listener of ${type} failed: ${describeError(error).message}`, { event: type }),
    )
    this.#keepAlive = new KeepAlive(clock)
    log?.attach(this.#hub)
    this.#registry = new Registry(this.#config, this.#hub, (error) => this.#classify(error))
    this.#watchSettings()
    this.register = this.register.bind(this)
    this.#registerAll(options.services ?? [])
  }

  /**
   * Starts watching a service. Also a class decorator, of either kind: the class is made without arguments, once its
   * definition is complete. The same service again changes nothing. Bound: may be passed on by itself.
   *
   * @throws ServiceError `ERR_SERVICE_NAME_TAKEN` if another service has the name, `ERR_SERVICE_CONSTRUCTOR` if the class
   *   cannot be made, `ERR_SERVICE_KIND` if it is no service, `ERR_MONITOR_CLOSED` after `close()`
   * @throws InvalidOptionError, ContradictoryOptionsError if its options are wrong
   */
  register<T extends Registrable>(service: T, context?: ClassDecoratorContext): T {
    this.#checkOpen('register')
    if (context === undefined) this.#registry.add(service)
    else context.addInitializer(() => this.#registry.add(service))
    return service
  }

  /** Stops watching. If it was failed over, its overrides leave and its `recover()` runs once. Unknown names are errors. */
  unregister(service: string | Registrable): void {
    this.#breakers.forget(this.#registry.remove(service))
  }

  /**
   * Pings every service that is due; one that is asked for too early is pinged when its interval ends.
   *
   * @returns a promise of the pings that run now; it never rejects, and whoever need not wait may ignore it
   */
  pingDue(): Promise<void> {
    return this.#trigger(this.#registry.shells(), 'due')
  }

  /** As `pingDue`, for the services that are down. */
  pingOutages(): Promise<void> {
    const down = this.#registry.shells().filter(({ state }) => state.outage !== undefined)
    return this.#trigger(down, 'due')
  }

  /**
   * Says that something went wrong. An error that means an outage hurries the next ping of every service, or of the one
   * that it names; it is never evidence by itself. Never throws and never waits.
   *
   * @returns whether it was taken for a sign of an outage
   * @throws ServiceError `ERR_UNKNOWN_SERVICE`
   */
  reportError(error: unknown, { service }: { service?: string } = {}): boolean {
    const shells = service === undefined ? this.#registry.shells() : [this.#registry.get(service)]
    if (!this.#isOutage(error, shells)) return false
    for (const shell of shells) void shell.trigger('error')
    return true
  }

  /**
   * An operator's decision, that automatics never remove: `open` treats the service as down, `closed` as up, `observe`
   * computes and logs everything and does nothing.
   *
   * @throws ServiceError `ERR_UNKNOWN_SERVICE`
   * @throws InvalidOptionError
   */
  hold(service: string, kind: HoldKind, options: HoldOptions = {}): void {
    this.#checkOpen('hold')
    const checked = oneOf('hold', kind, ['open', 'closed', 'observe'])
    this.#registry
      .get(service)
      .dispatch({ type: 'held', hold: readHold(checked, options, this.#config.clock, redact) })
  }

  /** Ends a hold: what the evidence says counts again. @throws ServiceError `ERR_UNKNOWN_SERVICE` */
  unhold(service: string): void {
    this.#registry.get(service).dispatch({ type: 'unheld' })
  }

  /**
   * The breaker of a service: it shares the service's circuit, so that calls that fail move the service, and pings open
   * and close the breaker. A name that nobody has registered becomes a service without a ping.
   *
   * @throws InvalidOptionError
   * @throws ContradictoryOptionsError if there is a breaker of this name with other options
   */
  breaker(name: string, options?: BreakerOptions): CircuitBreaker {
    this.#checkOpen('breaker')
    checkName('name', name)
    if (options !== undefined) checkServiceBreaker(name, options)
    if (!this.#registry.has(name)) this.register(new Service({ name }))
    return this.#breakers.of(this.#registry.get(name), options)
  }

  /** What is known of every service. Pings nothing. */
  health(): HealthReport {
    return healthReport(this.#registry.shells(), this.#config.clock.now())
  }

  /**
   * Calls `listener` after each event of a type. A listener that throws changes nothing.
   *
   * @returns a function that stops listening
   */
  on<T extends FailoverEventType>(type: T, listener: (event: FailoverEventOf<T>) => unknown): () => void {
    return this.#hub.on(type, listener)
  }

  /** Closes the monitor when a server has closed. */
  closeWith(server: Closable): void {
    server.once('close', () => void this.close())
  }

  /**
   * Ends all timers, pings and listeners. An outage that goes on stays as it is: no hook runs.
   *
   * @returns a promise that resolves within about a second, whatever hangs; closing again gives the same one
   * @throws InvalidOptionError
   */
  close(options: CloseOptions = {}): Promise<void> {
    const overrides = oneOf('overrides', options.overrides ?? 'keep', ['keep', 'restore'])
    this.#closing ??= this.#close(overrides === 'restore')
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** For adapters: see `adapterPort`. */
  [ADAPTER_PORT](): AdapterPort {
    const { clock } = this.#config
    return {
      clock,
      service: (name) => new ServiceHandle(this.#registry.get(name), () => clock.now()),
      announceSwitch: (pool, from, to) => this.#hub.publish({ type: 'target-switched', pool, from, to }),
    }
  }

  async #close(restore: boolean): Promise<void> {
    const ended = this.#registry.close(restore)
    this.#breakers.close()
    this.#stopSettings()
    await atMost(this.#config.clock, ended, CLOSE_GRACE_MS)
    this.#hub.publish({ type: 'closed' })
    this.#hub.clear()
  }

  /** Background pings keep no process alive, but a caller who waits for one must be answered. */
  async #trigger(shells: readonly ServiceShell[], trigger: Trigger): Promise<void> {
    const pings = shells.map((shell) => shell.trigger(trigger)).filter((ping) => ping !== undefined)
    if (pings.length > 0) await this.#keepAlive.during(Promise.all(pings))
  }

  /** Whether anybody concerned takes it for one. Errors of this library are never evidence. */
  #isOutage(error: unknown, shells: readonly ServiceShell[]): boolean {
    if (error instanceof FailoverError) return false
    if (isWeakError(error) || matchesOutageErrors(error, this.#config.outageErrors)) return true
    const classifiers = new Set(shells.map(({ config }) => config.classify))
    return [...classifiers].some((classify) => saysOutage(classify, error))
  }

  #classify(error: unknown): Verdict {
    return (this.#config.classify ?? classifyError)(error)
  }

  #watchSettings(): void {
    const { settings } = this.#config
    if (settings === undefined) return
    this.#stopSettings = settingsOf(settings).subscribe(({ key, layer }) => {
      const service = this.#registry.serviceOfLayer(layer)
      if (service !== undefined) this.#hub.publish({ type: 'settings-conflict', service, key: String(key) })
    })
  }

  /** Nobody could ever stop those that were accepted before one was refused. */
  #registerAll(services: readonly Registrable[]): void {
    try {
      for (const service of services) this.register(service)
    } catch (error) {
      void this.#registry.close(false)
      this.#stopSettings()
      throw error
    }
  }

  #checkOpen(what: string): void {
    if (this.#closing !== undefined)
      throw new ServiceError('ERR_MONITOR_CLOSED', `${what}() came after close()`)
  }
}

/** A classifier that throws has said nothing. */
function saysOutage(classify: (error: unknown) => Verdict, error: unknown): boolean {
  try {
    const verdict = classify(error)
    return verdict === 'outage' || verdict === 'role'
  } catch {
    return false
  }
}
