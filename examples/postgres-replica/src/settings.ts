/* Every number of the demo. What the summary says about them, it reads from here. */

export const READS_PER_SECOND = 60
/** For how long the client waits for an answer. Longer than any timeout of either pool. */
export const READ_DEADLINE_MS = 5_000

/** What a careful person gives a plain pool: without these, a read from a frozen server waits for ever. */
export const PLAIN_TIMEOUTS = { connectionTimeoutMillis: 2_000, query_timeout: 2_000 }
/** The one setting that is not the failover pool's default (10 000): a demo is over in a minute. */
export const HOLD_DOWN_MS = 2_000

/** From the first line; the rest of the minute is for cleaning up. */
export const TIME_LIMIT_MS = 50_000
/** For how long the demo waits for anything that it wants to see. */
export const STEP_LIMIT_MS = 20_000
/** How many answered reads are a quiet spell, and how many are enough to believe that an outage is survived. */
export const CALM_READS = 210
export const BELIEVABLE_READS = 210
