import type { Permit } from '../breaker/permit.ts'

/** A permit that also says when it is over. */
export class KeyedPermit implements Permit {
  readonly #permit: Permit
  #onEnd: (() => void) | undefined

  constructor(permit: Permit, onEnd: () => void) {
    this.#permit = permit
    this.#onEnd = onEnd
  }

  succeed(): void {
    this.#permit.succeed()
    this.#end()
  }

  fail(error: unknown): void {
    this.#permit.fail(error)
    this.#end()
  }

  ignore(): void {
    this.#permit.ignore()
    this.#end()
  }

  #end(): void {
    const onEnd = this.#onEnd
    this.#onEnd = undefined
    onEnd?.()
  }
}
