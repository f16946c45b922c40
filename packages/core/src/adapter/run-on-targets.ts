import type { Verdict } from './verdict.ts'
import { isLastResort } from './failover-route.ts'
import type { Target } from './target.ts'
import type { TargetGroup } from './target-group.ts'

/** How one attempt on one target ended. */
export type Outcome<R> = { readonly ok: true; readonly value: R } | Failure

export interface Failure {
  readonly ok: false
  /** What the caller gets if this stays the last word. */
  readonly error: unknown
  readonly verdict: Verdict
  /** A slow answer or a full pool: asks for a ping and decides nothing. */
  readonly isWeak: boolean
  /** Whether the work may run again elsewhere: it was never sent, was refused, or may safely run twice. */
  readonly mayRepeat: boolean
}

export interface RunOptions<R> {
  readonly attempt: (target: Target) => Promise<Outcome<R>>
  /** For how long work waits for a target that may take it, when none can at first. 0: not at all. */
  readonly waitMs: number
  /** An attempt that was made before, elsewhere. */
  readonly after?: { readonly target: Target; readonly failure: Failure }
}

/**
 * Runs work on the best target, and on the next one when that is in trouble and the work may run again. Nobody waits
 * for a verdict: between the first error and the ping that decides, the next target simply serves.
 *
 * @throws what the last attempt ended with; CircuitOpenError when every target is held open; AcquireTimeoutError when
 *   nobody became the writer in time
 */
export async function runOnTargets<R>(group: TargetGroup, options: RunOptions<R>): Promise<R> {
  const { clock } = group
  const until = clock.now() + options.waitMs
  const tried = new Set<Target>()
  let last: Failure | undefined
  const moveOn = (target: Target, failure: Failure, lastResort: boolean): void => {
    if (!lastResort && speaksAgainst(failure)) target.noteTrouble()
    if (!movesOn(failure)) throw failure.error
    last = failure
    tried.add(target)
  }
  if (options.after !== undefined) moveOn(options.after.target, options.after.failure, false)
  for (;;) {
    group.checkOpen()
    const target = group.route().find((candidate) => !tried.has(candidate))
    const remainingMs = until - clock.now()
    if (remainingMs > 0 && group.mustWaitFor(target)) {
      await group.hurried(remainingMs)
      tried.clear()
      continue
    }
    if (target === undefined) throw last === undefined ? group.refusal(options.waitMs) : last.error
    const lastResort = isLastResort(target)
    const outcome = await options.attempt(target)
    if (outcome.ok) return succeeded(target, outcome.value)
    moveOn(target, outcome, lastResort)
  }
}

function succeeded<R>(target: Target, value: R): R {
  target.handle.noteSuccess()
  return value
}

function speaksAgainst({ verdict }: Failure): boolean {
  return verdict === 'outage' || verdict === 'role'
}

function movesOn(failure: Failure): boolean {
  return speaksAgainst(failure) && failure.mayRepeat && !failure.isWeak
}
