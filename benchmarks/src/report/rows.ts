/* What the tables share: a row per cell, its name, and what stands where there is no figure. */
import type { Measured } from '../cells/run-rounds.ts'
import { NOTHING } from './format.ts'
import { footnotes, tableText } from './table.ts'

export interface Column {
  readonly head: string
  readonly text: (measured: Measured) => string
}

export function nameOf({ cell }: Measured): string {
  return cell.library === 'none' ? cell.subject : `${cell.library}: ${cell.subject}`
}

export function tableOf(first: string, measured: readonly Measured[], columns: readonly Column[]): string {
  const rows = measured.map((row) => [
    nameOf(row),
    ...columns.map(({ text }) => (has(row) ? text(row) : NOTHING)),
  ])
  const table = tableText({ head: [first, ...columns.map(({ head }) => head)], rows })
  return [table, missing(measured)].filter((part) => part !== '').join('\n\n')
}

/** Why there is a dash. */
function missing(measured: readonly Measured[]): string {
  return footnotes(
    measured
      .filter((row) => !has(row))
      .map((row) => `${nameOf(row)}: ${row.cell.reason ?? `crashed: ${row.error ?? ''}`}`),
  )
}

function has({ cell, error }: Measured): boolean {
  return cell.reason === undefined && error === undefined
}
