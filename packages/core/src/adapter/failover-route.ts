/* Where work goes: a pure function of what is known of each target. It is no gate; it only puts them in order. */
import type { CircuitName, HoldKind, PingResultName } from '../machine/state.ts'

/** What a target is for, as its own last answer said. */
export type TargetRole = 'writer' | 'reader' | 'unknown'

/** What is known of one target of a service that has several. */
export interface RouteTarget {
  /** Targets of equal preference share a tier; 0 is preferred. */
  readonly tier: number
  readonly circuit: CircuitName
  readonly hold: HoldKind | 'none'
  readonly lastPing: PingResultName | 'none'
  /** Something went wrong since its last good ping; the verdict is not there yet. */
  readonly inDoubt: boolean
  readonly role: TargetRole
  /** Pieces of work that it does now. */
  readonly load: number
}

type Rank = (target: RouteTarget) => number

const LAST_RESORT = 4

/**
 * How good a target is for reading; lower is better, undefined is never. Closed, closed but in doubt, waiting out its
 * open time after a good ping, half-open, and at last anything that no operator holds open: no health data is better
 * than none working.
 */
function readRank({ circuit, hold, lastPing, inDoubt }: RouteTarget): number {
  if (hold === 'open') return Infinity
  if (circuit === 'closed') return inDoubt ? 1 : 0
  if (lastPing === 'good') return 2
  return circuit === 'half-open' ? 3 : LAST_RESORT
}

/** Only what may write; what is not known yet may, and the server's own refusal will tell. */
function writeRank(target: RouteTarget): number {
  if (target.role === 'reader') return Infinity
  return readRank(target) * 2 + (target.role === 'writer' ? 0 : 1)
}

/** Targets for a read, best first: within a tier the least loaded, `turn` deciding between equals. */
export function readRoute<T extends RouteTarget>(targets: readonly T[], turn = 0): T[] {
  return ordered(targets, readRank, turn)
}

/**
 * Targets for a write, best first. A writer that works is never left, whatever its tier: `current` comes first while it
 * is closed, in doubt or not.
 */
export function writeRoute<T extends RouteTarget>(targets: readonly T[], current: T | undefined): T[] {
  const route = ordered(targets, writeRank, 0)
  const stays = current !== undefined && current.circuit === 'closed' && route.includes(current)
  return stays ? [current, ...route.filter((target) => target !== current)] : route
}

/** Whether work there is a last resort, whose outcome says nothing new. */
export function isLastResort(target: RouteTarget): boolean {
  return readRank(target) === LAST_RESORT
}

function ordered<T extends RouteTarget>(targets: readonly T[], rank: Rank, turn: number): T[] {
  const count = targets.length
  return targets
    .map((target, index) => ({ target, rank: rank(target), turn: (index + count - (turn % count)) % count }))
    .filter((entry) => entry.rank !== Infinity)
    .sort(
      (one, other) =>
        one.rank - other.rank ||
        one.target.tier - other.target.tier ||
        one.target.load - other.target.load ||
        one.turn - other.turn,
    )
    .map(({ target }) => target)
}
