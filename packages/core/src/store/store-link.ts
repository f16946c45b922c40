import type { Circuit } from '../circuit/circuit.ts'
import type { Timer } from '../clock/clock.ts'
import { STORE_POLL_MS, STORE_TIMEOUT_MS } from '../defaults.ts'
import { StoreError } from '../errors.ts'
import type { Signal } from '../machine/signal.ts'
import type { SharedState, StateStore, StoredState } from './state-store.ts'

/** What stands for an error that the store does not tell. */
const UNTOLD = Object.freeze({ name: 'Unknown', message: 'opened by another process' })

/**
 * Keeps a circuit and its image in a store alike: tells the store what was seen here, and the circuit what others have
 * seen. All of it happens beside the calls: none waits for a store, and none fails because of one.
 */
export class StoreLink {
  readonly #circuit: Circuit
  readonly #store: StateStore
  readonly #report: (error: unknown) => void
  readonly #stopWatching: () => void
  #epoch = 0
  /** Openings in a row, 0 where it is closed: as the store was told, or told us. */
  #told = 0
  /** What is to be committed, until it is. */
  #proposal: SharedState | undefined
  #isTalking = false
  #isAskedAgain = false
  #hasFailed = false
  #isClosed = false
  #timer: Timer | undefined

  /** @param report told when the store fails, and again only after it has worked */
  constructor(circuit: Circuit, store: StateStore, report: (error: unknown) => void) {
    this.#circuit = circuit
    this.#store = store
    this.#report = report
    this.#stopWatching = store.watch?.(circuit.name, () => void this.#talk()) ?? (() => undefined)
    void this.#talk()
  }

  /** A signal has been dealt with: if it opened or closed the circuit, the store is told. */
  noteSignal({ type }: Signal): void {
    const { circuit, openMs, openings, lastError: error } = this.#circuit.state
    const standing = circuit.name === 'closed' ? 0 : openings
    if (circuit.name === 'half-open' || standing === this.#told) return
    this.#told = standing
    if (type.startsWith('shared-')) return
    const opened = { circuit: 'open', openMs, openings, ...(error === undefined ? {} : { error }) } as const
    this.#proposal = standing === 0 ? { circuit: 'closed', openMs: 0, openings: 0 } : opened
    void this.#talk()
  }

  close(): void {
    this.#isClosed = true
    this.#stopWatching()
    this.#timer?.cancel()
  }

  /** One conversation at a time; who asks meanwhile is answered by a further one. */
  async #talk(): Promise<void> {
    this.#isAskedAgain = true
    if (this.#isTalking) return
    this.#isTalking = true
    this.#timer?.cancel()
    while (this.#isAskedAgain && !this.#isClosed) {
      this.#isAskedAgain = false
      await this.#exchange()
    }
    this.#isTalking = false
    if (!this.#isClosed) this.#timer = this.#circuit.clock.startTimer(() => void this.#talk(), STORE_POLL_MS)
  }

  async #exchange(): Promise<void> {
    try {
      const stored = await this.#inTime(
        this.#proposal === undefined ? this.#read() : this.#commit(this.#proposal),
      )
      this.#hasFailed = false
      if (stored !== undefined && isLater(stored.epoch, this.#epoch)) this.#adopt(stored)
    } catch (error) {
      if (!this.#hasFailed) this.#report(error)
      this.#hasFailed = true
    }
  }

  async #read(): Promise<StoredState | undefined> {
    return this.#store.read(this.#circuit.name)
  }

  async #commit(proposal: SharedState): Promise<StoredState | undefined> {
    const { won, stored } = await this.#store.commit(this.#circuit.name, this.#epoch, proposal)
    const isOverruled = !won && proposal.circuit === 'open' && stored.circuit === 'closed'
    if (won || isOverruled) this.#epoch = stored.epoch
    // Others closed it before they could know of this opening: it is told again.
    if (isOverruled) this.#isAskedAgain = true
    else if (this.#proposal === proposal) this.#proposal = undefined
    return stored
  }

  /** What comes out of a store is not trusted: what makes no sense is passed over. */
  #adopt({ epoch, circuit, openMs, openings, ageMs, error = UNTOLD }: StoredState): void {
    this.#epoch = epoch
    if (circuit === 'closed') return this.#circuit.dispatch({ type: 'shared-closed' })
    const areTimes = [openMs, openings, ageMs].every((value) => Number.isFinite(value) && value >= 0)
    if (areTimes) this.#circuit.dispatch({ type: 'shared-opened', error, openMs, openings, ageMs })
  }

  /** A store that hangs has failed. */
  #inTime<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = this.#circuit.clock.startTimer(
        () => reject(new StoreError(this.#circuit.name, STORE_TIMEOUT_MS)),
        STORE_TIMEOUT_MS,
      )
      work.then(resolve, reject).finally(() => timer.cancel())
    })
  }
}

function isLater(epoch: unknown, than: number): boolean {
  return Number.isSafeInteger(epoch) && (epoch as number) > than
}
