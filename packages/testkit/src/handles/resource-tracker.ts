import { createHook } from 'node:async_hooks'

/** A timer or handle that was made while the tracker watched. */
export interface TrackedResource {
  readonly type: string
  readonly resource: object
  /** Where it was made. */
  readonly stack: string
}

export interface ResourceTracker extends Disposable {
  /** Made since the start, and neither closed nor fired nor cleared yet. */
  living(): TrackedResource[]
}

// Kinds that end by an explicit close, never by garbage collection.
const TRACKED = new Set([
  'Timeout',
  'TCPWRAP',
  'TCPSERVERWRAP',
  'PIPEWRAP',
  'PIPESERVERWRAP',
  'UDPWRAP',
  'PROCESSWRAP',
  'FSEVENTWRAP',
  'WORKER',
])
const STACK_FRAMES = 30

/** Sees unref'd timers and sockets as well, which process.getActiveResourcesInfo() does not report. */
export function trackResources(): ResourceTracker {
  const living = new Map<number, TrackedResource>()
  const hook = createHook({
    init(id, type, _trigger, resource) {
      if (TRACKED.has(type)) living.set(id, { type, resource, stack: callerStack() })
    },
    destroy: (id) => void living.delete(id),
  }).enable()
  return {
    living: () => [...living.values()].filter(({ stack }) => !isOfTestTools(stack)),
    [Symbol.dispose]: () => void hook.disable(),
  }
}

/** Without the frames of Node and of this file: the first one is the code that asked for the resource. */
function callerStack(): string {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = STACK_FRAMES
  const lines = (new Error('made here').stack ?? '').split('\n').slice(1)
  Error.stackTraceLimit = limit
  return lines.filter((line) => !/[ (]node:|resource-tracker\./.test(line)).join('\n')
}

/** Timers of the test runner and of our own polling come and go beneath a test. */
function isOfTestTools(stack: string): boolean {
  const [innermost = ''] = stack.split('\n')
  return /node_modules\/(\.pnpm\/)?(@vitest|vitest|tinypool|birpc)[/@+]|\/eventually\.ts/.test(innermost)
}
