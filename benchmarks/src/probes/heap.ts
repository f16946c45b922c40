import { setImmediate as turn } from 'node:timers/promises'

/** What lives: objects, and the memory of typed arrays, which V8 keeps outside its heap. */
export async function bytesInUse(): Promise<number> {
  await turn()
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  for (let i = 0; i < 3; i++) globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
