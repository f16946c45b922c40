import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import { checkClock } from '../options/clock-option.ts'
import { knownKeys, record } from '../options/validate.ts'
import type { CommitResult, SharedState, StateStore, StoredState } from './state-store.ts'

interface Entry {
  readonly state: SharedState
  readonly epoch: number
  readonly committedAt: number
}

/** Shares circuits within one process: of those that are given the same store, the ones with one name are one. */
export class MemoryStateStore implements StateStore {
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()
  readonly #listeners = new Map<string, Set<() => void>>()

  /** @throws InvalidOptionError */
  constructor(options: { readonly clock?: Clock } = {}) {
    knownKeys('MemoryStateStore', record('options of MemoryStateStore', options), ['clock'])
    this.#clock = checkClock('clock', options.clock ?? systemClock)
  }

  read(name: string): Promise<StoredState | undefined> {
    const entry = this.#entries.get(name)
    return Promise.resolve(entry && this.#storedOf(entry))
  }

  commit(name: string, expectedEpoch: number, state: SharedState): Promise<CommitResult> {
    const current = this.#entries.get(name)
    if (current !== undefined && current.epoch !== expectedEpoch)
      return Promise.resolve({ won: false, stored: this.#storedOf(current) })
    const entry = {
      state: structuredClone(state),
      epoch: (current?.epoch ?? 0) + 1,
      committedAt: this.#clock.now(),
    }
    this.#entries.set(name, entry)
    for (const listener of [...(this.#listeners.get(name) ?? [])]) queueMicrotask(listener)
    return Promise.resolve({ won: true, stored: this.#storedOf(entry) })
  }

  watch(name: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(name) === listeners) this.#listeners.delete(name)
    }
  }

  close(): Promise<void> {
    this.#listeners.clear()
    return Promise.resolve()
  }

  #storedOf({ state, epoch, committedAt }: Entry): StoredState {
    return { ...structuredClone(state), epoch, ageMs: this.#clock.now() - committedAt }
  }
}
