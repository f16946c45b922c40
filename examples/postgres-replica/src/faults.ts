import type { AppName } from './app-message.ts'
import type { Read, Spell } from './meter.ts'

export type FaultKind = Exclude<Spell, 'calm'>

/** What one application made of a fault; moments, in milliseconds since the epoch. */
interface Course {
  noticedAt?: number
  recoveredAt?: number
}

interface Fault {
  readonly kind: FaultKind
  readonly struckAt: number
  readonly courses: Readonly<Record<AppName, Course>>
  mendedAt?: number
  overAt?: number
}

/**
 * When the replica was hurt and mended, and when each application noticed. The failover pool says so itself: it switches.
 * A plain pool does not know: its first failed read is the notice, and its first read that the replica answers again, the
 * recovery.
 */
export class Faults {
  readonly #faults: Fault[] = []

  strike(kind: FaultKind, at: number): void {
    this.#faults.push({ kind, struckAt: at, courses: { plain: {}, failover: {} } })
  }

  mend(at: number): void {
    const fault = this.#faults.at(-1)
    if (fault !== undefined) fault.mendedAt = at
  }

  /** All applications are back. */
  settle(at: number): void {
    const fault = this.#faults.at(-1)
    if (fault !== undefined) fault.overAt = at
  }

  sawSwitch(to: string, at: number): void {
    const fault = this.#faults.at(-1)
    if (fault === undefined) return
    const course = fault.courses.failover
    if (to !== 'replica') course.noticedAt ??= at
    else if (fault.mendedAt !== undefined) course.recoveredAt ??= at
  }

  sawRead(read: Read): void {
    const fault = this.#faults.at(-1)
    if (fault === undefined || read.app !== 'plain') return
    if (read.servedBy === undefined) noteFailedRead(fault, read)
    else noteAnsweredRead(fault, read)
  }

  /** From the fault until the application noticed. */
  detectionMs(app: AppName, kind: FaultKind): number | undefined {
    const fault = this.#find(kind)
    return elapsed(fault?.struckAt, fault?.courses[app].noticedAt)
  }

  /** From the command that mended the replica until it did the application's reads again. */
  recoveryMs(app: AppName, kind: FaultKind): number | undefined {
    const fault = this.#find(kind)
    return elapsed(fault?.mendedAt, fault?.courses[app].recoveredAt)
  }

  /** The fault during which any part of a read took place. */
  spellOf({ startedAt, endedAt }: Read): Spell {
    const met = this.#faults.find(
      ({ struckAt, overAt = Infinity }) => endedAt >= struckAt && startedAt <= overAt,
    )
    return met?.kind ?? 'calm'
  }

  #find(kind: FaultKind): Fault | undefined {
    return this.#faults.find((fault) => fault.kind === kind)
  }
}

function noteFailedRead({ struckAt, courses: { plain } }: Fault, { endedAt }: Read): void {
  if (endedAt >= struckAt) plain.noticedAt ??= endedAt
}

/** What was sent before the replica was mended says nothing of when it was back. */
function noteAnsweredRead({ mendedAt = Infinity, courses: { plain } }: Fault, read: Read): void {
  if (read.startedAt >= mendedAt) plain.recoveredAt ??= read.endedAt
}

function elapsed(from: number | undefined, to: number | undefined): number | undefined {
  // Two processes read the clock: what happened within a millisecond may seem to have happened before.
  return from === undefined || to === undefined ? undefined : Math.max(0, to - from)
}
