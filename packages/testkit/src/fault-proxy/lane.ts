import type { Socket } from 'node:net'

import type { LaneMode } from './fault-mode.ts'
import type { Arrival, Step } from './next-step.ts'
import { dripAfter, nextStep } from './next-step.ts'
import { WakeUp } from './wake-up.ts'

/** What became of bytes: forwarded, or not. */
export type ByteFate = 'bytes' | 'swallowed'

export interface LaneOptions {
  readonly from: Socket
  readonly to: Socket
  readonly mode: () => LaneMode
  readonly random: () => number
  readonly count: (fate: ByteFate, bytes: number) => void
  /** The whole connection ends: by RST, or by closing. */
  readonly onEnd: (how: 'reset' | 'drop') => void
}

/** Above this the sender is no longer read, so that TCP makes it wait. */
const MAX_QUEUED_BYTES = 256 * 1024

/** One direction of one connection: what arrives is queued, and delivered as the mode says. */
export class Lane {
  readonly #options: LaneOptions
  readonly #queue: Arrival[] = []
  readonly #wakeUp = new WakeUp()
  #mode: LaneMode
  #queuedBytes = 0
  #sinceMode = 0
  #dripAt = 0
  #isFinished = false
  #isOpen = true

  constructor(options: LaneOptions) {
    this.#options = options
    this.#mode = options.mode()
  }

  start(): void {
    const { from } = this.#options
    from.on('data', (bytes: Buffer) => this.#arrive({ kind: 'bytes', bytes, ...this.#stamp() }))
    from.on('end', () => this.#arrive({ kind: 'fin', ...this.#stamp() }))
    from.on('error', () => this.#arrive({ kind: 'rst', ...this.#stamp() }))
    from.resume() // it was accepted paused
    void this.#deliver()
  }

  /** Another mode counts its bytes from here. */
  planChanged(): void {
    const mode = this.#options.mode()
    if (mode === this.#mode) return
    this.#mode = mode
    this.#sinceMode = 0
    this.#dripAt = 0
    this.#wakeUp.ring()
  }

  close(): void {
    this.#isOpen = false
    this.#queue.length = 0
    this.#wakeUp.ring()
  }

  #stamp(): { at: number; luck: number } {
    return { at: performance.now(), luck: this.#options.random() }
  }

  #arrive(arrival: Arrival): void {
    this.#queue.push(arrival)
    this.#queuedBytes += arrival.kind === 'bytes' ? arrival.bytes.length : 0
    if (this.#queuedBytes >= MAX_QUEUED_BYTES) this.#options.from.pause()
    this.#wakeUp.ring()
  }

  async #deliver(): Promise<void> {
    while (this.#isOpen) await this.#perform(this.#nextStep())
  }

  #nextStep(): Step {
    return nextStep({
      mode: this.#mode,
      head: this.#queue[0],
      sinceMode: this.#sinceMode,
      isFinished: this.#isFinished,
      dripAt: this.#dripAt,
      now: performance.now(),
    })
  }

  async #perform(step: Step): Promise<void> {
    switch (step.do) {
      case 'wait':
        return this.#wakeUp.sleep(step.ms)
      case 'forward':
        return this.#write(this.#take(step.bytes))
      case 'swallow':
        return this.#options.count('swallowed', this.#take(Infinity).length)
      case 'finish':
        return this.#finish()
      case 'reset':
      case 'drop':
        return this.#options.onEnd(step.do)
    }
  }

  /** At most so many bytes from the head of the queue. */
  #take(most: number): Buffer {
    const head = this.#queue.shift()
    if (head?.kind !== 'bytes') return Buffer.alloc(0)
    const taken = head.bytes.subarray(0, most)
    const rest = head.bytes.subarray(taken.length)
    if (rest.length > 0) this.#queue.unshift({ ...head, bytes: rest })
    this.#queuedBytes -= taken.length
    if (this.#queuedBytes < MAX_QUEUED_BYTES) this.#options.from.resume()
    return taken
  }

  /** Until the system has taken the bytes: that is backpressure, and what makes "reset at byte n" exact. */
  async #write(bytes: Buffer): Promise<void> {
    this.#sinceMode += bytes.length
    this.#dripAt = dripAfter(this.#mode, bytes.length, performance.now())
    this.#options.count('bytes', bytes.length)
    let isTaken = false
    this.#options.to.write(bytes, () => {
      isTaken = true
      this.#wakeUp.ring()
    })
    while (!isTaken && this.#isOpen) await this.#wakeUp.sleep()
  }

  #finish(): void {
    this.#isFinished = true
    this.#options.to.end()
  }
}
