import { ContradictoryOptionsError } from '../errors.ts'
import type { SettingsLayers } from '../settings/settings-layers.ts'

/** What one service overrides in the application's settings: one layer, that comes and goes as a whole. */
export class ServiceOverrides {
  readonly #layer: string
  readonly #rank: number
  readonly #layers: SettingsLayers | undefined
  #values: Readonly<Record<string, unknown>> = {}

  constructor(layer: string, rank: number, layers: SettingsLayers | undefined) {
    this.#layer = layer
    this.#rank = rank
    this.#layers = layers
  }

  /** Adds to the layer: all keys at once, or none if it throws. */
  apply(values: Readonly<Record<string, unknown>>): void {
    if (Reflect.ownKeys(values).length === 0) return
    if (this.#layers === undefined)
      throw new ContradictoryOptionsError(
        'settings are overridden but the monitor has none: pass createSettings(...) to it',
      )
    const all = { ...this.#values, ...values }
    this.#layers.addLayer(this.#layer, all, this.#rank)
    this.#values = all
  }

  remove(): void {
    this.#values = {}
    this.#layers?.removeLayer(this.#layer)
  }
}
