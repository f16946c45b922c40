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
 * @throws what the last attempt ended with; CircuitOpenError when every target is held open
 */
export async function runOnTargets<R>(group: TargetGroup, options: RunOptions<R>): Promise<R> {
  const { clock } = group
  const until = clock.now() + options.waitMs
  const tried = new Set<Target>(options.after && [options.after.target])
  let last = options.after?.failure
  for (;;) {
    const target = group.route().find((candidate) => !tried.has(candidate))
    if (target === undefined) {
      const remainingMs = until - clock.now()
      if (remainingMs <= 0) throw last === undefined ? group.refusal() : last.error
      await group.hurried(remainingMs)
      tried.clear()
      continue
    }
    const lastResort = isLastResort(target)
    const outcome = await options.attempt(target)
    if (outcome.ok) return succeeded(target, outcome.value)
    if (!lastResort && speaksAgainst(outcome)) target.noteTrouble()
    if (!movesOn(outcome)) throw outcome.error
    last = outcome
    tried.add(target)
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
