/** A link of the list that it is in. */
export interface Idle {
  previousIdle: this | undefined
  nextIdle: this | undefined
  isListed: boolean
}

/**
 * Things in the order in which they were last used. A list, because a Set steps over everything that was ever taken from
 * its front until it finds the first.
 */
export class IdleList<T extends Idle> {
  #first: T | undefined
  #last: T | undefined

  /** The one that was not used for the longest time. */
  get first(): T | undefined {
    return this.#first
  }

  /** Adds what is not in the list, as the one that was used last. */
  add(item: T): void {
    item.previousIdle = this.#last
    item.nextIdle = undefined
    item.isListed = true
    if (this.#last === undefined) this.#first = item
    else this.#last.nextIdle = item
    this.#last = item
  }

  /** Does nothing if it is not there. */
  remove(item: T): void {
    if (!item.isListed) return
    const { previousIdle, nextIdle } = item
    if (previousIdle === undefined) this.#first = nextIdle
    else previousIdle.nextIdle = nextIdle
    if (nextIdle === undefined) this.#last = previousIdle
    else nextIdle.previousIdle = previousIdle
    item.isListed = false
    item.previousIdle = item.nextIdle = undefined
  }

  clear(): void {
    this.#first = this.#last = undefined
  }
}
