import type { Service } from '../service.ts'
import type { ServiceHandle } from '../monitor/service-handle.ts'
import type { RouteTarget, TargetRole } from './failover-route.ts'

/** One piece of work in flight on a target. */
export interface Work {
  /** Ends it at once with this error; it has not been answered in time and its target does not answer pings either. */
  cut(reason: Error): void
  /** Whether it still waits for a connection: then it may move on as soon as its target is in trouble. */
  readonly isWaiting: boolean
}

export interface TargetOptions {
  readonly name: string
  readonly tier: number
  readonly service: Service
  readonly role?: () => TargetRole
}

/** One endpoint of a pool: its service, and the work that it does now. */
export class Target implements RouteTarget {
  readonly name: string
  readonly tier: number
  readonly handle: ServiceHandle
  readonly #role: () => TargetRole
  readonly #work = new Set<Work>()
  /** Work that has lasted longer than it should; a failed ping ends it. */
  readonly #suspects = new Set<Work>()
  #hadTrouble = false

  constructor({ name, tier, role = () => 'unknown' }: TargetOptions, handle: ServiceHandle) {
    this.name = name
    this.tier = tier
    this.handle = handle
    this.#role = role
    handle.onPing((result) => this.#onPing(result))
  }

  get circuit(): RouteTarget['circuit'] {
    return this.handle.circuit
  }

  get hold(): RouteTarget['hold'] {
    return this.handle.hold
  }

  get lastPing(): RouteTarget['lastPing'] {
    return this.handle.lastPing
  }

  get role(): TargetRole {
    return this.#role()
  }

  get inDoubt(): boolean {
    return this.#hadTrouble || this.handle.isCountingFailures
  }

  get load(): number {
    return this.#work.size
  }

  begin(work: Work): void {
    this.#work.add(work)
  }

  end(work: Work): void {
    this.#work.delete(work)
    this.#suspects.delete(work)
  }

  /** An error, or a lack of answers, speaks against it: others are preferred until its next ping decides. */
  noteTrouble(): void {
    this.#hadTrouble = this.handle.reportTrouble()
  }

  /** The work has lasted too long: the next failed ping ends it - at once if the last one has already failed. */
  suspect(work: Work): void {
    if (!this.#work.has(work)) return
    if (this.lastPing === 'failed') return work.cut(this.#lost())
    this.#suspects.add(work)
    this.noteTrouble()
  }

  cutWaiting(reason: Error): void {
    for (const work of [...this.#work]) if (work.isWaiting) work.cut(reason)
  }

  #onPing(result: RouteTarget['lastPing']): void {
    if (result !== 'inconclusive') this.#hadTrouble = false
    if (result !== 'failed') return
    const reason = this.#lost()
    for (const work of [...this.#work]) {
      if (work.isWaiting || this.#suspects.has(work)) work.cut(reason)
    }
  }

  #lost(): Error {
    return new TargetLostError(this.name)
  }
}

/** Why work was cut. It never leaves the adapter as it is: callers get an error that says what became of their work. */
export class TargetLostError extends Error {
  override readonly name = 'TargetLostError'
  readonly code = 'ERR_TARGET_LOST'

  constructor(target: string) {
    super(`${target} has answered neither the work in flight nor a ping`)
  }
}
