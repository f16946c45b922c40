const BARS = [...'▁▂▃▄▅▆▇█']

/** One character per value: blank for nothing, and the full block from `highest` on. */
export function sparkline(values: readonly number[], highest: number): string {
  return values.map((value) => bar(value, highest)).join('')
}

function bar(value: number, highest: number): string {
  if (value <= 0) return ' '
  const step = Math.ceil((Math.min(value, highest) / highest) * BARS.length)
  return BARS[Math.max(0, step - 1)] ?? ' '
}
