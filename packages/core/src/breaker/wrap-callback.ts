import { InvalidOptionError } from '../errors.ts'
import { Attempt } from './attempt.ts'
import type { Gate } from './gate.ts'
import { refuse } from './guarded-call.ts'
import type { AnyFunction } from './manner.ts'

/**
 * Guards a function that answers through its last argument. The callback is called once, and never before the function
 * has returned. What the function throws at once is thrown, and the
 * callback is not called; but where there is a fallback it answers.
 */
export function wrapCallback(gate: Gate, fn: AnyFunction) {
  return function (this: unknown, ...args: unknown[]): unknown {
    const callback = args.at(-1)
    if (typeof callback !== 'function')
      throw new InvalidOptionError('the last argument', 'a callback', callback)
    if (gate.isPassing) return Reflect.apply(fn, this, args)
    const call = new CallbackCall((done) => Reflect.apply(fn, this, [...args.slice(0, -1), done]))
    const ended = start(gate, call, args)
    const isThrown = call.hasThrown && gate.config.fallback === undefined
    ended.then(
      (value) => isThrown || process.nextTick(callback, null, value, ...call.results.slice(1)),
      (error: unknown) => isThrown || process.nextTick(callback, error, ...call.results),
    )
    if (isThrown) throw call.returned
    return call.hasThrown ? undefined : call.returned
  }
}

async function start(gate: Gate, call: CallbackCall, args: readonly unknown[]): Promise<unknown> {
  const account = gate.admit()
  if (account === undefined) return refuse(gate, args)
  return new Attempt(gate, account, gate.config.timeoutMs).start(() => call.make(), undefined, args)
}

/** One call, as a promise of its first result. */
class CallbackCall {
  readonly #call: (done: (error: unknown, ...results: unknown[]) => void) => unknown
  /** What came after the error. */
  results: readonly unknown[] = []
  hasThrown = false
  /** Or thrown. */
  returned: unknown

  constructor(call: (done: (error: unknown, ...results: unknown[]) => void) => unknown) {
    this.#call = call
  }

  make(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const fail: (error: unknown) => void = reject
      try {
        this.returned = this.#call((error, ...results) => {
          this.results = results
          if (error === null || error === undefined) resolve(results[0])
          else fail(error)
        })
      } catch (error) {
        this.hasThrown = true
        this.returned = error
        fail(error)
      }
    })
  }
}
