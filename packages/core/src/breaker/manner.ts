export type AnyFunction = (this: never, ...args: never[]) => unknown

/** How a function answers, so that it is refused in the same manner: a thenable is a rejection, anything else throws. */
export interface Manner {
  isAsync: boolean
}

/** Before it has answered for the first time, its kind must do. */
export function mannerOf(fn: AnyFunction): Manner {
  return { isAsync: Object.prototype.toString.call(fn) === '[object AsyncFunction]' }
}
