import { readOverrides, type Override } from './override-values.ts'

/** The application wrote a setting while it was overridden: the write went to the base, and shows when the layer leaves. */
export interface SettingsConflict {
  readonly key: PropertyKey
  /** The layer that hides what was written. */
  readonly layer: string
}

export type SettingsConflictListener = (conflict: SettingsConflict) => unknown

/** What a monitor may do to settings. Obtained with `settingsOf`; reached through every copy of the package. */
export interface SettingsLayers {
  /**
   * Overrides settings, all at once, or not at all if this throws. A layer of the same name is replaced and keeps its
   * place among those of its rank. The values are read once.
   *
   * @param rank the highest is on top; of equal ranks the one that was added last. Default: 0
   * @throws InvalidOptionError for `__proto__`, `constructor` and `prototype`, also inside plain objects and arrays
   */
  addLayer(name: string, values: Record<PropertyKey, unknown>, rank?: number): void
  /** Takes a layer away, if it is there. Returns what the application wrote beneath it meanwhile, each key once. */
  removeLayer(name: string): readonly SettingsConflict[]
  /** Names of the layers, the lowest first. */
  layers(): string[]
  /**
   * Calls the listener at the first write to each key beneath a layer. A listener that throws or rejects changes
   * nothing. Returns a function that ends the subscription.
   */
  subscribe(listener: SettingsConflictListener): () => void
}

interface Layer {
  readonly name: string
  readonly rank: number
  readonly overrides: ReadonlyMap<PropertyKey, Override>
  /** Keys that the application wrote while this layer hid them. */
  readonly conflicts: Set<PropertyKey>
}

/**
 * Layers of overrides, and the one table that they amount to. The base is not known here and never changed: to remove a
 * layer is all that a restore takes, so that no order of coming and going can lose an original.
 */
export class LayerStack implements SettingsLayers {
  #layers: readonly Layer[] = []
  #effective: ReadonlyMap<PropertyKey, Override> = new Map()
  readonly #listeners = new Set<{ readonly call: SettingsConflictListener }>()

  /** What is overridden now: replaced as a whole, never changed. */
  get effective(): ReadonlyMap<PropertyKey, Override> {
    return this.#effective
  }

  addLayer(name: string, values: Record<PropertyKey, unknown>, rank = 0): void {
    const overrides = readOverrides(name, values)
    const former = this.#layers.find((layer) => layer.name === name)
    const conflicts = new Set([...(former?.conflicts ?? [])].filter((key) => overrides.has(key)))
    const layer: Layer = { name, rank, overrides, conflicts }
    const layers = former
      ? this.#layers.map((each) => (each === former ? layer : each))
      : [...this.#layers, layer]
    this.#replace(layers.toSorted((a, b) => a.rank - b.rank))
  }

  removeLayer(name: string): readonly SettingsConflict[] {
    const removed = this.#layers.find((layer) => layer.name === name)
    if (removed === undefined) return []
    this.#replace(this.#layers.filter((layer) => layer !== removed))
    return [...removed.conflicts].map((key) => Object.freeze({ key, layer: name }))
  }

  layers(): string[] {
    return this.#layers.map(({ name }) => name)
  }

  subscribe(listener: SettingsConflictListener): () => void {
    const subscription = { call: listener }
    this.#listeners.add(subscription)
    return () => void this.#listeners.delete(subscription)
  }

  /** The application wrote or deleted a setting through the view. */
  noteWrite(key: PropertyKey): void {
    const hidden = this.#effective.get(key)
    const layer = this.#layers.find(({ name }) => name === hidden?.layer)
    if (layer === undefined || layer.conflicts.has(key)) return
    layer.conflicts.add(key)
    const conflict = Object.freeze({ key, layer: layer.name })
    for (const { call } of [...this.#listeners]) callIsolated(call, conflict)
  }

  #replace(layers: readonly Layer[]): void {
    this.#layers = layers
    this.#effective = new Map(layers.flatMap(({ overrides }) => [...overrides]))
  }
}

/** Whatever a listener does, the application's write has succeeded. */
function callIsolated(listener: SettingsConflictListener, conflict: SettingsConflict): void {
  void (async () => listener(conflict))().catch(() => {})
}
