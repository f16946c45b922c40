import type { EventEmitter } from 'node:events'

import { eventually } from '../eventually.ts'
import { describeResource } from './describe-resource.ts'
import { trackResources } from './resource-tracker.ts'

export type CountableEmitter = Pick<EventEmitter, 'eventNames' | 'listenerCount'>

export interface SnapshotOptions {
  /** Emitters whose listeners are counted, by a name for the message; `process` always is. */
  readonly emitters?: Readonly<Record<string, CountableEmitter>>
}

export interface HandleSnapshot extends Disposable {
  /** What is there and was not, one entry each; empty when nothing leaked. */
  remains(): string[]
}

/**
 * Remembers this moment. From here on each new socket, server, child process and timer is tracked, also when
 * it is unref'd, with the place where it was made; listeners are counted.
 */
export function handleSnapshot({ emitters = {} }: SnapshotOptions = {}): HandleSnapshot {
  const watched = { ...emitters, process }
  const listeners = countListeners(watched)
  const tracker = trackResources()
  return {
    remains: () => [
      ...tracker.living().map(describeResource),
      ...moreListeners(listeners, countListeners(watched)),
    ],
    [Symbol.dispose]: () => tracker[Symbol.dispose](),
  }
}

/** Resolves when nothing is left of what came after the snapshot; else rejects with a list of it. */
export async function expectNoNewHandles(
  before: HandleSnapshot,
  { timeoutMs = 2_000 }: { readonly timeoutMs?: number } = {},
): Promise<void> {
  using _tracking = before
  await eventually(() => assertNone(before.remains()), { timeoutMs, what: 'new handles to close' })
}

function assertNone(remains: readonly string[]): void {
  if (remains.length > 0) throw new Error(`${remains.length} left\n${remains.join('\n')}`)
}

type Counts = ReadonlyMap<string, number>

function countListeners(emitters: Readonly<Record<string, CountableEmitter>>): Counts {
  return new Map(
    Object.entries(emitters).flatMap(([name, emitter]) =>
      emitter
        .eventNames()
        .map((event) => [`${name} "${String(event)}"`, emitter.listenerCount(event)] as const),
    ),
  )
}

function moreListeners(before: Counts, after: Counts): string[] {
  const grown = [...after].filter(([key, count]) => count > (before.get(key) ?? 0))
  return grown.map(([key, count]) => `listeners of ${key}: ${before.get(key) ?? 0} before, ${count} now`)
}
