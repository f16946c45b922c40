const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** For people, the two largest units: "1 h 5 min", "12 s", "340 ms". */
export function durationText(durationMs: number): string {
  const largest = UNITS.findIndex(([, unitMs]) => durationMs >= unitMs)
  if (largest === -1) return `${Math.round(durationMs)} ms`
  const [unit, unitMs] = UNITS[largest] ?? UNITS[3]
  const first = `${Math.floor(durationMs / unitMs)} ${unit}`
  const [nextUnit, nextMs] = UNITS[largest + 1] ?? [undefined, Infinity]
  const rest = Math.floor((durationMs % unitMs) / nextMs)
  return rest === 0 || nextUnit === undefined ? first : `${first} ${rest} ${nextUnit}`
}
