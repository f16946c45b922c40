/* Looking figures up. */
import { max, median, min } from 'simple-statistics'
import type { Cell, GroupName } from '../cells/cell.ts'
import type { Measured } from '../cells/run-rounds.ts'

/** The median over the rounds, and the extremes. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export interface Address {
  readonly group: GroupName
  readonly library: string
  readonly subject: string
  readonly size?: number
}

export class Results {
  readonly #measured: readonly Measured[]

  constructor(measured: readonly Measured[]) {
    this.#measured = measured
  }

  get all(): readonly Measured[] {
    return this.#measured
  }

  of(group: GroupName): readonly Measured[] {
    return this.#measured.filter(({ cell }) => cell.group === group)
  }

  find(address: Address): Measured | undefined {
    return this.#measured.find(({ cell }) => isAt(cell, address))
  }

  figure(address: Address, figure: string): Spread | undefined {
    return spreadOf((this.find(address)?.rounds ?? []).map((figures) => figures[figure]))
  }

  /** To a bare call that was measured beside it. */
  ofBare(address: Address): Spread | undefined {
    return this.figure(address, 'ofBare')
  }

  /** Between two that each were compared with a bare call, in the same round. */
  ratio(address: Address, base: Address): Spread | undefined {
    const bases = this.find(base)?.rounds ?? []
    const ratios = (this.find(address)?.rounds ?? []).map(({ ofBare }, round) =>
      quotient(ofBare, bases[round]?.['ofBare']),
    )
    return spreadOf(ratios)
  }
}

function isAt(cell: Cell, { group, library, subject, size }: Address): boolean {
  const named = cell.group === group && cell.library === library && cell.subject === subject
  return named && (size === undefined || cell.size === size)
}

function quotient(figure: number | undefined, base: number | undefined): number | undefined {
  return figure === undefined || base === undefined ? undefined : figure / base
}

function spreadOf(figures: readonly (number | undefined)[]): Spread | undefined {
  const known = figures.filter((figure) => figure !== undefined)
  return known.length === 0 ? undefined : { median: median(known), min: min(known), max: max(known) }
}
