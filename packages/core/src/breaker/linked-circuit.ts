import type { Signal } from '../machine/signal.ts'
import type { StateStore } from '../store/state-store.ts'
import { StoreLink } from '../store/store-link.ts'
import { LoneCircuit } from './lone-circuit.ts'

/** A circuit that is shared through a store. */
export class LinkedCircuit extends LoneCircuit {
  #link: StoreLink | undefined

  /** @param report told when the store fails, and again only after it has worked */
  link(store: StateStore, report: (error: unknown) => void): void {
    if (this.isActive) this.#link = new StoreLink(this, store, report)
  }

  override close(): void {
    this.#link?.close()
    super.close()
  }

  protected override settled(signal: Signal): void {
    this.#link?.noteSignal(signal)
  }
}
