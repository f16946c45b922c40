/* No breaker at all: what everything else is compared with. */
import type { Library, Subject } from './subject.ts'

const TIMEOUT_MS = 10_000

const bare: Subject = {
  make: () => ({}),
  guard: (_breaker, task) => task,
  isClosed: () => true,
}

const withTimer: Subject = {
  ...bare,
  guard: (_breaker, task) => async (x) => {
    const timer = setTimeout(noop, TIMEOUT_MS)
    const value = await task(x)
    clearTimeout(timer)
    return value
  },
}

/** What a refusal costs at least that makes an error of its own. Looks open from the start. */
const throwsNewError: Subject = {
  ...bare,
  guard: () => async () => {
    throw new Error('refused')
  },
  isClosed: () => false,
}

const succeeds: Subject = { ...bare, guard: () => async (x) => x + 1, isClosed: () => false }

/** Should be 1.00x in every table; how far it is from it is the noise. */
const BARE = 'bare call'

export const none: Library = {
  name: 'none',
  imports: [],
  subjects: {
    closed: { [BARE]: bare },
    timeout: { [BARE]: bare, 'bare call + setTimeout, clearTimeout': withTimer },
    failing: { [BARE]: bare },
    refused: { [BARE]: succeeds, 'bare call that throws a new Error': throwsNewError },
    breakers: { 'empty object': bare },
  },
}

function noop(): void {}
