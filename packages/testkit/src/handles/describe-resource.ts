import type { TrackedResource } from './resource-tracker.ts'

const SHOWN_FRAMES = 5

/** For people: what it is, and where it was made (empty where Node made it later, in its own time). */
export function describeResource({ type, resource, stack }: TrackedResource): string {
  const frames = stack.split('\n').filter((line) => line !== '' && !line.includes('node_modules'))
  return [`${type}${detailOf(type, resource)}`, ...frames.slice(0, SHOWN_FRAMES)].join('\n')
}

function detailOf(type: string, resource: object): string {
  if (type === 'Timeout') return ` of ${String(Reflect.get(resource, '_idleTimeout'))} ms`
  return type === 'TCPWRAP'
    ? addressOf(resource, 'getsockname') + addressOf(resource, 'getpeername', ' -> ')
    : ''
}

/** Node's inner handles tell their addresses by filling in an object. */
function addressOf(resource: object, method: string, prefix = ' '): string {
  const ask: unknown = Reflect.get(resource, method)
  if (typeof ask !== 'function') return ''
  const answer: { address?: string; port?: number } = {}
  const status: unknown = ask.call(resource, answer)
  return status === 0 ? `${prefix}${answer.address}:${answer.port}` : ''
}
