import type { Verdict } from '../adapter/verdict.ts'
import { ServiceError } from '../errors.ts'
import type { EventHub } from '../events/event-hub.ts'
import type { MonitorConfig } from '../options/monitor-options.ts'
import { isService, type Service } from '../service.ts'
import { settingsOf } from '../settings/settings.ts'
import { mayNeedRecover, recoverOnce } from './recover-once.ts'
import { readServiceConfig, type ServiceConfig } from './service-config.ts'
import { ServiceOverrides } from './service-overrides.ts'
import { ServiceShell } from './service-shell.ts'

/** A service, or the class of one, that is made without arguments. */
export type Registrable = Service | (new () => Service)

interface Entry {
  readonly registrable: Registrable
  readonly shell: ServiceShell
  readonly overrides: ServiceOverrides
}

/** The services that a monitor watches, by name. */
export class Registry {
  readonly #config: MonitorConfig
  readonly #hub: EventHub
  readonly #classify: (error: unknown) => Verdict
  readonly #entries = new Map<string, Entry>()
  /** What was registered, to its name: the same again is no second registration. */
  readonly #names = new Map<Registrable, string>()
  /** Several monitors may share one settings object: each keeps its layers apart. */
  readonly #layerPrefix = `${crypto.randomUUID()} `
  #registrations = 0

  constructor(config: MonitorConfig, hub: EventHub, classify: (error: unknown) => Verdict) {
    this.#config = config
    this.#hub = hub
    this.#classify = classify
  }

  add(registrable: Registrable): void {
    if (this.#names.has(registrable)) return
    const config = this.#read(toService(registrable))
    if (this.#entries.has(config.name)) throw nameTaken(config.name)
    const { settings, clock, background, enabled } = this.#config
    const layers = settings === undefined ? undefined : settingsOf(settings)
    const overrides = new ServiceOverrides(this.#layerOf(config.name), this.#registrations, layers)
    this.#registrations += 1
    const shell = new ServiceShell({ config, clock, hub: this.#hub, overrides, background, enabled })
    this.#entries.set(config.name, { registrable, shell, overrides })
    this.#names.set(registrable, config.name)
    shell.start()
  }

  /** @throws ServiceError `ERR_UNKNOWN_SERVICE` */
  remove(service: string | Registrable): ServiceShell {
    const name = typeof service === 'string' ? service : (this.#names.get(service) ?? '')
    const { registrable, shell, overrides } = this.#entry(name)
    this.#entries.delete(name)
    this.#names.delete(registrable)
    const ended = shell.stop()
    overrides.remove()
    if (mayNeedRecover(shell.state)) void recoverOnce(shell, this.#config, ended)
    return shell
  }

  serviceOfLayer(layer: string): string | undefined {
    if (!layer.startsWith(this.#layerPrefix)) return undefined
    return layer.slice(layer.indexOf(' ', this.#layerPrefix.length) + 1)
  }

  /** @throws ServiceError `ERR_UNKNOWN_SERVICE` */
  get(name: string): ServiceShell {
    return this.#entry(name).shell
  }

  has(name: string): boolean {
    return this.#entries.has(name)
  }

  shells(): ServiceShell[] {
    return [...this.#entries.values()].map(({ shell }) => shell)
  }

  /** @returns what is still coming to its end */
  close(restore: boolean): Promise<unknown> {
    const ended = this.shells().map((shell) => shell.stop())
    if (restore) for (const { overrides } of this.#entries.values()) overrides.remove()
    return Promise.allSettled(ended)
  }

  /** Each registration has its own, so that the late end of a hook touches no layer of a service that came back. */
  #layerOf(name: string): string {
    return `${this.#layerPrefix}${this.#registrations} ${name}`
  }

  #read(service: Service): ServiceConfig {
    const { pingIntervals, outageLogIntervalMs, settings } = this.#config
    const hasSettings = settings !== undefined
    return readServiceConfig(service, {
      pingIntervals,
      outageLogIntervalMs,
      classify: this.#classify,
      hasSettings,
    })
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name)
    if (entry === undefined) throw unknownService(name, [...this.#entries.keys()])
    return entry
  }
}

/** More names than this help nobody. */
const MOST_NAMES = 20

function toService(registrable: Registrable): Service {
  const service: unknown = typeof registrable === 'function' ? construct(registrable) : registrable
  if (isService(service)) return service
  throw new ServiceError(
    'ERR_SERVICE_KIND',
    'what is registered must be a Service, or a class that extends Service',
  )
}

function construct(type: new () => Service): unknown {
  try {
    return new type()
  } catch (cause) {
    throw new ServiceError('ERR_SERVICE_CONSTRUCTOR', `the constructor of ${type.name} threw`, { cause })
  }
}

function nameTaken(name: string): ServiceError {
  return new ServiceError(
    'ERR_SERVICE_NAME_TAKEN',
    `another service is already registered as "${name}"; a breaker() of that name makes one too: register the service before`,
  )
}

function unknownService(name: string, names: readonly string[]): ServiceError {
  const known = names.slice(0, MOST_NAMES).map((each) => `"${each}"`)
  const shown = names.length > MOST_NAMES ? [...known, '…'] : known
  return new ServiceError(
    'ERR_UNKNOWN_SERVICE',
    `no service "${name}" is registered; registered are: ${shown.join(', ') || 'none'}`,
  )
}
