/* What we want to hold, and whether it did in this run. Reported, never asserted: a shared machine is no judge. */
import type { BundleSize } from '../bundle-size.ts'
import type { GroupName } from '../cells/cell.ts'
import { CALLS_IN_WINDOW } from '../cells/plan.ts'
import { digits, NOTHING, whole } from './format.ts'
import type { Address, Results } from './results.ts'
import { section, type Section, tableText } from './table.ts'

interface Bar {
  readonly wanted: string
  readonly limit: number
  readonly measured: number | undefined
  readonly unit: string
}

const OURS = '@failover/core'
/** A failing call may cost this much more in one window than in another, and is still called flat. */
const FLAT = 1.5
const RULES = ['consecutive', 'count 100', 'time 10 s']
const BREAKERS = [...RULES, 'time 10 s + slow calls']
const PEERS = [
  ['cockatiel', 'error'],
  ['opossum', 'error'],
  ['mollitia', 'error'],
] as const

export function barsSection(results: Results, sizes: readonly BundleSize[]): Section {
  const bars = [...callBars(results), ...standingBars(results), ...loadingBars(results, sizes)]
  const rows = bars
    .filter(({ measured }) => measured !== undefined)
    .map((bar) => [bar.wanted, limitText(bar), measuredText(bar), verdict(bar)])
  const intro =
    'What @failover/core is to hold, and whether it did in this run, by the medians. They are reported and not asserted: on a machine that others share a bar is a measurement and no test.'
  const table = tableText({ head: ['bar', 'limit', 'this run', 'held'], rows }, ['l', 'r', 'r', 'l'])
  return section('Bars', intro, table, notMeasured(bars))
}

function notMeasured(bars: readonly Bar[]): string {
  const wanted = bars.filter(({ measured }) => measured === undefined).map((bar) => bar.wanted)
  return wanted.length === 0 ? '' : `Not measured: ${wanted.join('; ')}.`
}

function callBars(results: Results): readonly Bar[] {
  const bare = (group: GroupName, subject: string) => results.ofBare(ours(group, subject))?.median
  return [
    bar('closed call, count window, of bare', 1.6, bare('closed', 'count 100')),
    bar('the same, 1,000 in flight', 1.6, bare('closed, in flight', 'count 100')),
    bar('closed call, time window, of bare', 1.8, bare('closed', 'time 10 s')),
    bar('the same, 1,000 in flight', 1.8, bare('closed, in flight', 'time 10 s')),
    bar('permit inline, of bare', 1.2, bare('closed', 'count 100, permit inline')),
    bar('failing call, the worst rule, of bare', 1.6, worst(RULES.map((rule) => bare('failing', rule)))),
    bar(
      'failing call, most / least over window fills',
      FLAT,
      worst(['count 100', 'time 10 s'].map((rule) => growth(results, rule))),
    ),
    bar('call with timeout, of bare + setTimeout', 0.5, toTimer(results, 'timeout')),
    bar('the same, 1,000 in flight', 0.5, toTimer(results, 'timeout, in flight')),
    bar('refusal, of the best peer’s', 0.5, toBestRefusal(results)),
  ]
}

function standingBars(results: Results): readonly Bar[] {
  const heap = (figure: string) =>
    worst(BREAKERS.map((rule) => results.figure(ours('heap', rule), figure)?.median))
  const timers = worst(BREAKERS.map((rule) => results.figure(ours('timers', rule), 'idle')?.median))
  return [
    bar('a breaker after 20 calls, the largest rule', 1_000, heap('afterTwenty'), ' B'),
    bar('a breaker before its first call, the largest rule', 600, heap('fresh'), ' B'),
    bar('timers of 10,000 idle breakers', 0, timers, ''),
  ]
}

function loadingBars(results: Results, sizes: readonly BundleSize[]): readonly Bar[] {
  const importMs = (library: string) =>
    results.figure({ group: 'import', library, subject: 'everything' }, 'ms')?.median
  const peers = PEERS.map(([library]) => importMs(library)).filter((ms) => ms !== undefined)
  return [
    bar(
      'breaker-only import, minified and gzipped',
      5_000,
      sizes.find(({ library }) => library === OURS)?.gzip,
      ' B',
    ),
    bar(
      'cold import, the fastest peer’s being the limit',
      peers.length === 0 ? NaN : Math.min(...peers),
      importMs(OURS),
      ' ms',
    ),
  ]
}

function bar(wanted: string, limit: number, measured: number | undefined, unit = 'x'): Bar {
  return { wanted, limit, measured, unit }
}

function ours(group: GroupName, subject: string): Address {
  return { group, library: OURS, subject }
}

function growth(results: Results, subject: string): number | undefined {
  const at = (size: number): number | undefined =>
    results.figure({ ...ours('window', subject), size }, 'us')?.median
  const medians = CALLS_IN_WINDOW.map(at).filter((us) => us !== undefined)
  return medians.length < CALLS_IN_WINDOW.length ? undefined : Math.max(...medians) / Math.min(...medians)
}

function toTimer(results: Results, group: GroupName): number | undefined {
  const timer = { group, library: 'none', subject: 'bare call + setTimeout, clearTimeout' }
  return worst(
    ['count 100 + timeout', 'time 10 s + timeout'].map(
      (rule) => results.ratio(ours(group, rule), timer)?.median,
    ),
  )
}

/** The smallest of the peers' figures makes the largest ratio. */
function toBestRefusal(results: Results): number | undefined {
  const refusal = ours('refused', 'error')
  return worst(
    PEERS.map(([library, subject]) => results.ratio(refusal, { group: 'refused', library, subject })?.median),
  )
}

function worst(figures: readonly (number | undefined)[]): number | undefined {
  const known = figures.filter((figure) => figure !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

function limitText({ limit, unit }: Bar): string {
  return Number.isNaN(limit) ? NOTHING : `<= ${limit >= 100 ? whole(limit) : Number(limit.toFixed(2))}${unit}`
}

function measuredText({ measured, unit }: Bar): string {
  return measured === undefined ? NOTHING : `${unit === ' B' ? whole(measured) : digits(measured)}${unit}`
}

function verdict({ measured, limit }: Bar): string {
  if (measured === undefined || Number.isNaN(limit)) return NOTHING
  return measured <= limit ? 'yes' : '**no**'
}
