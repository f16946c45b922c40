/* How functions are called through a gate, and how a refusal is given back. */
import { Attempt } from './attempt.ts'
import { fallBack } from './fallback.ts'
import type { Gate } from './gate.ts'
import type { FallbackContext } from './gate-config.ts'
import type { Round } from './round.ts'
import { isThenable } from './thenable.ts'

export type AnyFunction = (this: never, ...args: never[]) => unknown

/** How a function answers, so that it is refused in the same manner: a thenable is a rejection, anything else throws. */
export interface Manner {
  isAsync: boolean
}

/** Before it has answered for the first time, its kind must do. */
export function mannerOf(fn: AnyFunction): Manner {
  return { isAsync: Object.prototype.toString.call(fn) === '[object AsyncFunction]' }
}

/** Nothing is wrong, and nothing need be remembered of the call: one pair of reactions settles all of them. */
export function callLean(
  round: Round,
  fn: AnyFunction,
  self: unknown,
  args: ArrayLike<unknown>,
  manner: Manner,
): unknown {
  let result: unknown
  try {
    result = Reflect.apply(fn, self, args)
  } catch (error) {
    round.reject(error)
    throw error
  }
  manner.isAsync = isThenable(result)
  if (!manner.isAsync) return round.onValue(result)
  const promise = result instanceof Promise ? result : Promise.resolve(result)
  return promise.then(round.onValue, round.onError)
}

export function callFully(
  gate: Gate,
  fn: AnyFunction,
  self: unknown,
  args: ArrayLike<unknown>,
  manner: Manner,
): unknown {
  if (gate.isPassing) return Reflect.apply(fn, self, args)
  const account = gate.admit()
  if (account === undefined) return manner.isAsync ? refuseLater(gate, args) : refuse(gate, args)
  const result = new Attempt(gate, account, gate.config.timeoutMs).start(fn, self, args)
  manner.isAsync = isThenable(result)
  return result
}

/** The fallback's answer where there is one, else the error. */
export function refuse(gate: Gate, args: ArrayLike<unknown>): unknown {
  const { fallback } = gate.config
  if (fallback === undefined) throw gate.refusal()
  return fallBack(fallback, new RefusalContext(gate, Array.from(args)))
}

/** The same, as a promise. A rejection that was never thrown costs a fraction. */
export function refuseLater(gate: Gate, args: ArrayLike<unknown>): Promise<unknown> {
  if (gate.config.fallback === undefined) return Promise.reject(gate.refusal())
  return new Promise((resolve) => resolve(refuse(gate, args)))
}

/** A fallback that does not look at the error does not pay for it. */
class RefusalContext implements FallbackContext {
  readonly args: readonly unknown[]
  readonly #gate: Gate
  #error: unknown

  constructor(gate: Gate, args: readonly unknown[]) {
    this.#gate = gate
    this.args = args
  }

  get error(): unknown {
    return (this.#error ??= this.#gate.refusal())
  }
}
