/* Three digits are as many as a shared machine supports. */
import type { Spread } from './results.ts'

export const NOTHING = '-'

export function digits(value: number): string {
  const absolute = Math.abs(value)
  const decimals = absolute >= 100 || absolute === 0 ? 0 : absolute >= 10 ? 1 : 2
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
}

export function whole(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 })
}

export function times(spread: Spread | undefined): string {
  return spread === undefined
    ? NOTHING
    : `**${digits(spread.median)}x** (${digits(spread.min)}..${digits(spread.max)})`
}

export function spreadText(spread: Spread | undefined): string {
  return spread === undefined
    ? NOTHING
    : `${digits(spread.median)} (${digits(spread.min)}..${digits(spread.max)})`
}

export function middle(spread: Spread | undefined, text = digits): string {
  return spread === undefined ? NOTHING : text(spread.median)
}

export function percent(spread: Spread | undefined): string {
  return spread === undefined ? NOTHING : `${(100 * spread.median).toFixed(1)} %`
}
