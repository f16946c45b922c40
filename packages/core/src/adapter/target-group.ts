import { DeadlineQueue } from '../clock/deadline-queue.ts'
import { AcquireTimeoutError, CircuitOpenError } from '../errors.ts'
import type { AdapterPort } from './adapter-port.ts'
import { isLastResort, readRoute, writeRoute } from './failover-route.ts'
import { Target, TargetLostError, type TargetOptions, type Work } from './target.ts'

export type PoolMode = 'read' | 'write'

export interface TargetGroupOptions {
  readonly pool: string
  readonly port: AdapterPort
  /** Each target's service is registered already, under `service.name`. */
  readonly targets: readonly TargetOptions[]
  readonly mode: PoolMode
  /** Whether a writer that works is left for a more preferred one. */
  readonly failback: 'manual' | 'automatic'
  /** Work that lasts longer than this makes its target suspect. */
  readonly suspectAfterMs: number
  /** Work that was sent somewhere as a last resort ends after this time. */
  readonly lastResortMs: number
  /** Told when a target has just left `closed`: its idle connections are of no use any more. */
  readonly onOpened: (target: Target) => void
}

interface Overdue {
  readonly target: Target
  readonly work: Work
}

/** The targets of one pool: which comes first, what runs where, and what to do when one of them is in trouble. */
export class TargetGroup {
  readonly targets: readonly Target[]
  readonly #options: TargetGroupOptions
  readonly #slow: DeadlineQueue<Overdue>
  readonly #lastResorts: DeadlineQueue<Overdue>
  readonly #waiting = new Set<(reason?: Error) => void>()
  readonly #stop: (() => void)[]
  #active: Target
  #turn = 0
  #cutBy: Error | undefined

  constructor(options: TargetGroupOptions) {
    this.#options = options
    this.targets = options.targets.map(
      (target) => new Target(target, options.port.service(target.service.name)),
    )
    const [first] = this.targets
    if (first === undefined) throw new RangeError('a pool has at least one target')
    this.#active = first
    const { clock } = options.port
    this.#slow = new DeadlineQueue(clock, options.suspectAfterMs, (overdue) => this.#suspect(overdue))
    this.#lastResorts = new DeadlineQueue(clock, options.lastResortMs, ({ target, work }) => {
      if (!target.answers) work.cut(new TargetLostError(target.name))
    })
    this.#stop = this.targets.map((target) => this.#watch(target))
  }

  get clock(): AdapterPort['clock'] {
    return this.#options.port.clock
  }

  /** Where new work goes, load and passing doubts aside. */
  get active(): Target {
    return this.#active
  }

  /** Targets for one piece of work, best first. Meeting one that is not closed starts its due ping. */
  route(): Target[] {
    for (const target of this.targets)
      if (target.circuit !== 'closed' || target.hold !== 'none') target.handle.meet()
    if (this.#options.mode === 'write') return writeRoute(this.targets, this.#stayWith(this.#active))
    this.#turn += 1
    return readRoute(this.targets, this.#turn)
  }

  /**
   * Registers work in flight. Pings that fail end it once it is overdue - but not where it runs as a last resort, for
   * lack of anything better: there it has its own, longer time.
   *
   * @returns a function to call when it has ended
   */
  begin(target: Target, work: Work): () => void {
    const lastResort = isLastResort(target)
    target.begin(work, lastResort)
    const forget = (lastResort ? this.#lastResorts : this.#slow).add({ target, work })
    return () => {
      forget()
      target.end(work)
    }
  }

  /** Whether nothing may take the work yet: a write must not begin on a target that has yet to say what it is. */
  mustWaitFor(target: Target | undefined): boolean {
    if (target === undefined) return true
    const { role, lastPing, handle } = target
    return (
      this.#options.mode === 'write' && role === 'unknown' && lastPing === 'none' && handle.reportTrouble()
    )
  }

  /** @throws what ended the work that waited, once `cutWaiting` was called: nothing begins any more */
  checkOpen(): void {
    if (this.#cutBy !== undefined) throw this.#cutBy
  }

  /** Hurries every target's ping; resolves at the next change of any of them, or after `timeoutMs`. */
  hurried(timeoutMs: number): Promise<void> {
    if (this.#cutBy !== undefined) return Promise.reject(this.#cutBy)
    for (const { handle } of this.targets) handle.reportTrouble()
    return new Promise((resolve, reject) => {
      const done = (reason?: Error): void => {
        this.#waiting.delete(done)
        timer.cancel()
        if (reason === undefined) resolve()
        else reject(reason)
      }
      const timer = this.#options.port.clock.startTimer(() => done(), timeoutMs, { keepAlive: true })
      this.#waiting.add(done)
    })
  }

  /** The error for work that may run nowhere: an operator holds every target open, or none of them may write. */
  refusal(waitedMs: number): Error {
    const { pool, lastResortMs } = this.#options
    const isHeld = this.targets.every(({ hold }) => hold === 'open')
    return isHeld
      ? new CircuitOpenError(pool, lastResortMs)
      : new AcquireTimeoutError(`a writer of ${pool}`, waitedMs)
  }

  /** Ends what still waits, for a connection or for a target, now and from now on. */
  cutWaiting(reason: Error): void {
    this.#cutBy = reason
    for (const target of this.targets) target.cutWaiting(reason)
    for (const done of [...this.#waiting]) done(reason)
  }

  close(): void {
    this.#slow.clear()
    this.#lastResorts.clear()
    for (const stop of this.#stop) stop()
    for (const done of [...this.#waiting]) done()
  }

  #suspect({ target, work }: Overdue): void {
    target.noteOverdue(work)
    if (target.lastPing === 'failed') this.#cutLost(target)
  }

  /**
   * What may run elsewhere moves at the first failed ping; the rest is given up once the target counts as down. Where
   * there is nowhere to go, what waits is left to the driver, which may be about to say what is wrong.
   */
  #cutLost(target: Target): void {
    if (target.answers) return
    const isElsewhere = this.targets.some((other) => other !== target && other.circuit === 'closed')
    if (target.circuit !== 'closed') target.cutLost('all', { waiting: isElsewhere })
    else if (isElsewhere) target.cutLost('movable', { waiting: true })
  }

  #watch(target: Target): () => void {
    let wasClosed = true
    const stop = target.handle.onPing((result) => {
      if (result === 'failed') this.#cutLost(target)
    })
    const stopChanges = target.handle.onChange(() => {
      const isClosed = target.circuit === 'closed'
      if (wasClosed && !isClosed) this.#options.onOpened(target)
      wasClosed = isClosed
      this.#settleActive()
      for (const done of [...this.#waiting]) done()
    })
    return () => {
      stop()
      stopChanges()
    }
  }

  #stayWith<T>(current: T | undefined): T | undefined {
    return this.#options.failback === 'manual' ? current : undefined
  }

  #settleActive(): void {
    const calm = this.targets.map((target) => new CalmTarget(target))
    const current = calm.find(({ target }) => target === this.#active)
    const [best] =
      this.#options.mode === 'write' ? writeRoute(calm, this.#stayWith(current)) : readRoute(calm)
    if (best === undefined || best.target === this.#active) return
    const from = this.#active.name
    this.#active = best.target
    this.#options.port.announceSwitch(this.#options.pool, from, best.target.name)
  }
}

/** A target without what changes from call to call. */
class CalmTarget {
  readonly target: Target
  readonly inDoubt = false
  readonly load = 0

  constructor(target: Target) {
    this.target = target
  }

  get tier(): number {
    return this.target.tier
  }

  get circuit(): Target['circuit'] {
    return this.target.circuit
  }

  get hold(): Target['hold'] {
    return this.target.hold
  }

  get lastPing(): Target['lastPing'] {
    return this.target.lastPing
  }

  get role(): Target['role'] {
    return this.target.role
  }
}
