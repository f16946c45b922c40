import type { Service } from '../service.ts'
import type { ServiceHandle } from '../monitor/service-handle.ts'
import type { RouteTarget, TargetRole } from './failover-route.ts'

/** One piece of work in flight on a target. */
export interface Work {
  /** Ends it at once with this error: it was not answered in time, and its target does not answer pings either. */
  cut(reason: Error): void
  /** Whether it still waits for a connection. */
  readonly isWaiting: boolean
  /** Whether it may run again elsewhere. Such work moves at the first failed ping; other work is given up with its target. */
  readonly mayMove: boolean
}

export interface TargetOptions {
  readonly name: string
  readonly tier: number
  readonly service: Service
  readonly role?: () => TargetRole
  /** Whether its last ping was answered, though it may have failed: then work in flight is answered too. Default: no. */
  readonly answers?: () => boolean
}

/** One endpoint of a pool: its service, and the work that it does now. */
export class Target implements RouteTarget {
  readonly name: string
  readonly tier: number
  readonly handle: ServiceHandle
  readonly #role: () => TargetRole
  readonly #answers: () => boolean
  readonly #work = new Set<Work>()
  /** Work that has lasted longer than it should. */
  readonly #overdue = new Set<Work>()
  /** Work that is here for lack of anything better: failed pings are no news to it. */
  readonly #lastResorts = new Set<Work>()
  #hadTrouble = false

  constructor(
    { name, tier, role = () => 'unknown', answers = () => false }: TargetOptions,
    handle: ServiceHandle,
  ) {
    this.name = name
    this.tier = tier
    this.handle = handle
    this.#role = role
    this.#answers = answers
    handle.onPing((result) => {
      if (result !== 'inconclusive') this.#hadTrouble = false
    })
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

  /** Whether it answers, if only to say that it had better not be used. */
  get answers(): boolean {
    return this.#answers()
  }

  get inDoubt(): boolean {
    return this.#hadTrouble || this.handle.isCountingFailures
  }

  get load(): number {
    return this.#work.size
  }

  begin(work: Work, isLastResort: boolean): void {
    this.#work.add(work)
    if (isLastResort) this.#lastResorts.add(work)
  }

  end(work: Work): void {
    for (const set of [this.#work, this.#overdue, this.#lastResorts]) set.delete(work)
  }

  /** An error, or a lack of answers, speaks against it: others are preferred until its next ping decides. */
  noteTrouble(): void {
    this.#hadTrouble = this.handle.reportTrouble()
  }

  noteOverdue(work: Work): void {
    if (!this.#work.has(work)) return
    this.#overdue.add(work)
    this.noteTrouble()
  }

  /** Ends overdue work - all of it, or only what may run elsewhere - and on demand what waits for a connection. */
  cutLost(which: 'all' | 'movable', { waiting }: { readonly waiting: boolean }): void {
    const reason = new TargetLostError(this.name)
    for (const work of [...this.#work]) {
      const isLost = this.#overdue.has(work) || (waiting && work.isWaiting)
      if (isLost && !this.#lastResorts.has(work) && (which === 'all' || work.mayMove)) work.cut(reason)
    }
  }

  cutWaiting(reason: Error): void {
    for (const work of [...this.#work]) if (work.isWaiting) work.cut(reason)
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
