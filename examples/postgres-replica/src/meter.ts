import { build, type Histogram } from 'hdr-histogram-js'
import type { AppName } from './app-message.ts'

/** One read, as the client saw it. Answered if it has `servedBy`. */
export interface Read {
  readonly app: AppName
  readonly startedAt: number
  readonly endedAt: number
  readonly latencyMs: number
  readonly servedBy?: string
  readonly error?: string
}

/** What went on while a read was under way. */
export type Spell = 'calm' | 'kill' | 'freeze'

export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly worst: number
}

/** What ended in one second of the load. */
export interface Second {
  answered: number
  failed: number
  slowestMs: number
}

const RECENT_MS = 5_000
const TRACKABLE_MS = 60_000
/** The histograms hold whole microseconds. */
const PER_MS = 1_000

/** Counts the reads of one application. How long a client waited counts whether it got an answer or an error. */
export class Meter {
  readonly #startedAt: number
  readonly #spells: Readonly<Record<Spell, Histogram>>
  readonly #seconds: Second[] = []
  readonly #silences: Record<Spell, number> = { calm: 0, kill: 0, freeze: 0 }
  #answeredAt: number
  #recent: Read[] = []
  sent = 0
  answered = 0
  failed = 0
  servedBy: string | undefined
  lastError: string | undefined

  /** @param startedAt when the load began */
  constructor(startedAt: number) {
    this.#startedAt = startedAt
    this.#answeredAt = startedAt
    this.#spells = { calm: histogram(), kill: histogram(), freeze: histogram() }
  }

  get finished(): number {
    return this.answered + this.failed
  }

  record(read: Read, spell: Spell): void {
    const isAnswered = read.servedBy !== undefined
    if (isAnswered) this.#countAnswer(read, spell)
    else this.#countFailure(read)
    this.servedBy = read.servedBy
    this.#spells[spell].recordValue(toMicros(read.latencyMs))
    this.#recent.push(read)
    this.#countSecond(read, isAnswered)
  }

  /** Of all reads of a kind of spell; undefined if there was none. */
  latency(spell: Spell): Latency | undefined {
    return latencyOf(this.#spells[spell])
  }

  /** The longest time in which no read was answered. */
  longestSilenceMs(spell: Spell): number {
    return this.#silences[spell]
  }

  /** Of the reads that ended in the last seconds. */
  recentLatency(now: number): Latency | undefined {
    this.#recent = this.#recent.filter(({ endedAt }) => endedAt > now - RECENT_MS)
    const recent = histogram()
    for (const { latencyMs } of this.#recent) recent.recordValue(toMicros(latencyMs))
    return latencyOf(recent)
  }

  /** The seconds that are over, the latest last. */
  seconds(now: number, atMost: number): Second[] {
    const over = Math.max(0, Math.floor((now - this.#startedAt) / 1_000))
    const first = Math.max(0, over - atMost)
    return Array.from({ length: over - first }, (_, index) => this.#seconds[first + index] ?? emptySecond())
  }

  #countAnswer({ endedAt }: Read, spell: Spell): void {
    this.answered += 1
    this.#silences[spell] = Math.max(this.#silences[spell], endedAt - this.#answeredAt)
    this.#answeredAt = endedAt
  }

  #countFailure({ error }: Read): void {
    this.failed += 1
    this.lastError = error
  }

  #countSecond({ endedAt, latencyMs }: Read, isAnswered: boolean): void {
    const index = Math.max(0, Math.floor((endedAt - this.#startedAt) / 1_000))
    const second = (this.#seconds[index] ??= emptySecond())
    if (isAnswered) second.answered += 1
    else second.failed += 1
    second.slowestMs = Math.max(second.slowestMs, latencyMs)
  }
}

const emptySecond = (): Second => ({ answered: 0, failed: 0, slowestMs: 0 })

const histogram = (): Histogram =>
  build({ highestTrackableValue: TRACKABLE_MS * PER_MS, numberOfSignificantValueDigits: 3 })

const toMicros = (ms: number): number => Math.min(Math.round(ms * PER_MS), TRACKABLE_MS * PER_MS)

function latencyOf(values: Histogram): Latency | undefined {
  if (values.totalCount === 0) return undefined
  const at = (percentile: number): number => values.getValueAtPercentile(percentile) / PER_MS
  return { p50: at(50), p99: at(99), worst: values.maxValue / PER_MS }
}
