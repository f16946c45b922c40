export type AnyFunction = (this: never, ...args: never[]) => unknown

/** How a function answers, so that it is refused in the same manner: a thenable is a rejection, anything else throws. */
export interface Manner {
  isAsync: boolean
}

/** Known before it has answered for the first time. */
export function isAsyncFunction(fn: AnyFunction): boolean {
  return Object.prototype.toString.call(fn) === '[object AsyncFunction]'
}
