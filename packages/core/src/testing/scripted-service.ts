import {
  Service,
  type FailoverContext,
  type HookContext,
  type PingContext,
  type ServiceOptions,
} from '../service.ts'

/** What the next ping or hook does: fulfil, fail with an error, or hang until it is told otherwise. */
export type Script = 'ok' | 'hang' | Error

interface Hung {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** A service that behaves as a test tells it to, and counts what was asked of it. */
export class ScriptedService extends Service {
  readonly calls = { ping: 0, failover: 0, recover: 0 }
  readonly scripts: Record<'ping' | 'failover' | 'recover', Script> = {
    ping: 'ok',
    failover: 'ok',
    recover: 'ok',
  }
  /** The contexts of hooks that were called, in order. */
  readonly contexts: (FailoverContext | HookContext)[] = []
  readonly #hung: Hung[] = []

  constructor(options: Omit<ServiceOptions, 'ping' | 'failover' | 'recover'> = {}) {
    super({ name: 'scripted', jitter: 0, ...options })
  }

  override ping(_context: PingContext): Promise<void> {
    return this.#play('ping')
  }

  override failover(context: FailoverContext): Promise<void> {
    this.contexts.push(context)
    return this.#play('failover')
  }

  override recover(context: HookContext): Promise<void> {
    this.contexts.push(context)
    return this.#play('recover')
  }

  /** Settles everything that hangs. */
  release(error?: Error): void {
    for (const hung of this.#hung.splice(0)) error === undefined ? hung.resolve() : hung.reject(error)
  }

  async #play(what: 'ping' | 'failover' | 'recover'): Promise<void> {
    this.calls[what] += 1
    const script = this.scripts[what]
    if (script instanceof Error) throw script
    if (script === 'hang') await new Promise<void>((resolve, reject) => this.#hung.push({ resolve, reject }))
  }
}
