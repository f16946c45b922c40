/* How functions are called through a gate, and how a refusal is given back. */
import { Attempt } from './attempt.ts'
import { fallBack } from './fallback.ts'
import type { Gate } from './gate.ts'
import type { FallbackContext } from './gate-config.ts'
import { isAsyncFunction, type AnyFunction, type Manner } from './manner.ts'
import { isThenable } from './thenable.ts'

/** Guards a function. Only what no call can do without is done here: this is the path that most calls take. */
export function guard(gate: Gate, fn: AnyFunction, manner: Manner) {
  return function (this: unknown, ...args: unknown[]): unknown {
    const round = gate.leanRound
    if (round === undefined) return callFully(gate, fn, this, args, manner)
    let result: unknown
    try {
      result = Reflect.apply(fn, this, args)
    } catch (error) {
      return round.onError(error)
    }
    return round.follow(result, manner)
  }
}

/** Calls a function once, in the same way. */
export function callGuarded(gate: Gate, fn: AnyFunction, args: readonly unknown[], manner: Manner): unknown {
  const round = gate.leanRound
  if (round === undefined) return callFully(gate, fn, undefined, args, manner)
  let result: unknown
  try {
    result = Reflect.apply(fn, undefined, args)
  } catch (error) {
    return round.onError(error)
  }
  return round.follow(result, manner)
}

function callFully(
  gate: Gate,
  fn: AnyFunction,
  self: unknown,
  args: readonly unknown[],
  manner: Manner,
): unknown {
  if (gate.isPassing) return Reflect.apply(fn, self, args)
  const account = gate.admit()
  if (account === undefined)
    return manner.isAsync || isAsyncFunction(fn) ? refuseLater(gate, args) : refuse(gate, args)
  const result = new Attempt(gate, account, gate.config.timeoutMs).start(fn, self, args)
  manner.isAsync = isThenable(result)
  return result
}

/** The fallback's answer where there is one, else the error. */
export function refuse(gate: Gate, args: readonly unknown[]): unknown {
  const { fallback } = gate.config
  if (fallback === undefined) throw gate.refusal()
  return fallBack(fallback, new RefusalContext(gate, args))
}

/** The same, as a promise. A rejection that was never thrown costs a fraction. */
export function refuseLater(gate: Gate, args: readonly unknown[]): Promise<unknown> {
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
