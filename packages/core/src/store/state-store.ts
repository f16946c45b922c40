import type { ErrorSummary } from '../adapter/describe-error.ts'

/** What processes share of one circuit: plain data, safe to store as JSON. */
export interface SharedState {
  readonly circuit: 'closed' | 'open'
  /** For how long this opening lasts; how often it was opened in a row. 0 where it is closed. */
  readonly openMs: number
  readonly openings: number
  /** What opened it, redacted. */
  readonly error?: ErrorSummary
}

/** A shared circuit as a store knows it. */
export interface StoredState extends SharedState {
  /** 1 for the first commit, and 1 more for each further one. */
  readonly epoch: number
  /** How long ago it was committed, in milliseconds, by the store's own clock. */
  readonly ageMs: number
}

export interface CommitResult {
  /** Whether this commit was the one that counted; only then it was written. */
  readonly won: boolean
  /** What stands now, whoever wrote it. */
  readonly stored: StoredState
}

/**
 * Where processes share circuits. A store remembers and arbitrates; it never decides. Every method may reject, hang or be
 * slow: then the process goes on alone. "Not there" is an answer; "could not ask" is a rejection.
 */
export interface StateStore {
  /** @returns what was committed last under this name; undefined if nothing was */
  read(name: string): Promise<StoredState | undefined>
  /**
   * Writes, in one atomic step, if the epoch still is the expected one (0 where nothing was committed yet). Of several
   * that expect the same epoch one wins.
   */
  commit(name: string, expectedEpoch: number, state: SharedState): Promise<CommitResult>
  /**
   * Calls `listener` soon after a commit under this name. A hint: it may be lost, late or repeated. Stores that cannot
   * push leave it out, and are read from time to time.
   *
   * @returns a function that stops it
   */
  watch?(name: string, listener: () => void): () => void
  /** Ends what the store itself has opened. */
  close?(): Promise<void>
}
