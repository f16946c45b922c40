/** A duration, as exact as a reader can use it. */
export function formatMs(ms: number): string {
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(2)} s`
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`
}

/** A share of a whole; never rounded to none. */
export function formatShare(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '0 %'
  return `${Math.max(0.1, (part / whole) * 100).toFixed(1)} %`
}
