export type AnyFunction = (this: never, ...args: never[]) => unknown

/** How a function answers, so that it is refused in the same manner: a thenable is a rejection, anything else throws. */
export interface Manner {
  isAsync: boolean
}

/** Known before it has answered for the first time. */
export function isAsyncFunction(fn: AnyFunction): boolean {
  return Object.prototype.toString.call(fn) === '[object AsyncFunction]'
}

/** The manners of functions by themselves. One that was never seen is expected to answer as the last one did. */
export class Manners {
  readonly #known = new WeakMap<AnyFunction, Manner>()
  #lastFn: AnyFunction | undefined
  #last: Manner = { isAsync: false }

  of(fn: AnyFunction): Manner {
    if (fn === this.#lastFn) return this.#last
    const manner = this.#known.get(fn) ?? { isAsync: this.#last.isAsync }
    this.#known.set(fn, manner)
    this.#lastFn = fn
    return (this.#last = manner)
  }
}
