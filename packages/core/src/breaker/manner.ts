export type AnyFunction = (this: never, ...args: never[]) => unknown

/** How a function answers, so that it is refused in the same manner: a thenable is a rejection, anything else throws. */
export interface Manner {
  isAsync: boolean
}

/** Known before it has answered for the first time. */
export function isAsyncFunction(fn: AnyFunction): boolean {
  return Object.prototype.toString.call(fn) === '[object AsyncFunction]'
}

/**
 * The manners of many functions. Those of one breaker mostly answer alike: only the exceptions are remembered, and one
 * that was never seen is expected to answer as the first one did.
 */
export class Manners {
  #prevailing: boolean | undefined
  #exceptions: WeakSet<AnyFunction> | undefined
  #lastFn: AnyFunction | undefined
  #last: Manner = { isAsync: false }

  of(fn: AnyFunction): Manner {
    if (fn === this.#lastFn) return this.#last
    if (this.#lastFn !== undefined) this.#learn(this.#lastFn, this.#last.isAsync)
    const prevailing = this.#prevailing ?? false
    this.#lastFn = fn
    return (this.#last = { isAsync: this.#exceptions?.has(fn) === true ? !prevailing : prevailing })
  }

  #learn(fn: AnyFunction, isAsync: boolean): void {
    this.#prevailing ??= isAsync
    if (isAsync === this.#prevailing) this.#exceptions?.delete(fn)
    else (this.#exceptions ??= new WeakSet()).add(fn)
  }
}
