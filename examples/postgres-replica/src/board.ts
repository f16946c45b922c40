import { APP_NAMES, type AppMessage, type AppName } from './app-message.ts'
import { Faults } from './faults.ts'
import { formatMs } from './format.ts'
import { Meter, type Read } from './meter.ts'

export const STEPS = ['setup', 'calm', 'kill', 'restart', 'calm', 'freeze', 'resume', 'calm', 'done'] as const
export type Step = (typeof STEPS)[number]

/** Something worth a line. */
export interface Note {
  readonly at: number
  readonly app?: AppName
  readonly text: string
}

/** What is done to the replica, and when; for the time axis. */
export interface Mark {
  readonly at: number
  readonly letter: string
}

/** All that is known of the demo at any moment: the load writes, the scenario waits for it, the view shows it. */
export class Board {
  readonly startedAt: number
  readonly faults = new Faults()
  readonly notes: Note[] = []
  readonly marks: Mark[] = []
  readonly #listeners: ((note: Note) => void)[] = []
  stepIndex = 0
  headline = 'starting a primary and a streaming replica'
  /** Where the failover pool sends reads. */
  activeTarget = 'replica'
  loadStartedAt: number
  meters: Readonly<Record<AppName, Meter>>

  constructor(startedAt: number) {
    this.startedAt = startedAt
    this.loadStartedAt = startedAt
    this.meters = newMeters(startedAt)
  }

  onNote(listener: (note: Note) => void): void {
    this.#listeners.push(listener)
  }

  note(text: string, app?: AppName, at = Date.now()): void {
    const note: Note = { at, text, ...(app && { app }) }
    this.notes.push(note)
    for (const listener of this.#listeners) listener(note)
  }

  /** The next step begins. */
  enter(step: Step, headline: string): void {
    this.stepIndex = STEPS.indexOf(step, this.stepIndex)
    this.headline = headline
    this.note(headline)
  }

  mark(letter: string): void {
    this.marks.push({ at: Date.now(), letter })
  }

  startLoad(at: number): void {
    this.loadStartedAt = at
    this.meters = newMeters(at)
  }

  read(read: Read): void {
    this.meters[read.app].record(read, this.faults.spellOf(read))
    this.#noteNews(read.app, () => this.faults.sawRead(read))
  }

  hear(app: AppName, message: AppMessage): void {
    if (message.type === 'ping-failed') {
      const { isInconclusive, error, at } = message
      this.note(`${isInconclusive ? 'inconclusive ping' : 'ping failed'}: ${error}`, app, at)
    } else if (message.type === 'switched') this.#hearSwitch(app, message.to, message.at)
  }

  #hearSwitch(app: AppName, to: string, at: number): void {
    this.activeTarget = to
    const isExpected = this.#noteNews(app, () => this.faults.sawSwitch(to, at))
    if (!isExpected) this.note(`reads from the ${to} now`, app, at)
  }

  /** Says what an application has noticed by what it just did. */
  #noteNews(app: AppName, change: () => void): boolean {
    const before = this.#milestones(app)
    change()
    const after = this.#milestones(app)
    const index = after.findIndex((ms, place) => ms !== undefined && before[place] === undefined)
    const ms = after[index]
    if (ms !== undefined) this.note(milestoneText(app, index, ms), app)
    return ms !== undefined
  }

  #milestones(app: AppName): (number | undefined)[] {
    return [
      this.faults.detectionMs(app, 'kill'),
      this.faults.recoveryMs(app, 'kill'),
      this.faults.detectionMs(app, 'freeze'),
      this.faults.recoveryMs(app, 'freeze'),
    ]
  }
}

function newMeters(at: number): Record<AppName, Meter> {
  return Object.fromEntries(APP_NAMES.map((name) => [name, new Meter(at)])) as Record<AppName, Meter>
}

const MILESTONES = [
  ['first read failed', 'reads from the primary', 'after kill -9'],
  ['reads are answered again', 'back on the replica', 'after the restart'],
  ['first read failed', 'reads from the primary', 'after SIGSTOP'],
  ['reads are answered again', 'back on the replica', 'after SIGCONT'],
] as const

function milestoneText(app: AppName, index: number, ms: number): string {
  const [plain, failover, since] = MILESTONES[index] ?? ['', '', '']
  return `${app === 'plain' ? plain : failover} ${formatMs(ms)} ${since}`
}
