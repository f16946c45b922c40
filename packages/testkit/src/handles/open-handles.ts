/** What keeps this process alive now, one line each: sockets with their addresses, servers, timers, ... */
export function openHandles(): string[] {
  const others = process.getActiveResourcesInfo().filter((type) => !/Wrap$/.test(type))
  return [...activeHandles().map(describeHandle), ...others].sort()
}

function describeHandle(handle: object): string {
  const { localPort, remoteAddress, remotePort, pid } = handle as {
    readonly localPort?: number
    readonly remoteAddress?: string
    readonly remotePort?: number
    readonly pid?: number
  }
  const name = handle.constructor.name
  if (remotePort !== undefined) return `${name} ${localPort} -> ${remoteAddress}:${remotePort}`
  if (pid !== undefined) return `${name} of process ${pid}`
  return `${name}${listeningOn(handle)}`
}

function listeningOn(handle: object): string {
  if (!('address' in handle) || typeof handle.address !== 'function') return ''
  const address: unknown = Reflect.apply(handle.address, handle, [])
  return ` ${JSON.stringify(address)}`
}

/** Undocumented, and the only way to name a socket; should it vanish, the types are left. */
function activeHandles(): object[] {
  const list: unknown = Reflect.get(process, '_getActiveHandles')
  if (typeof list === 'function') return Reflect.apply(list, process, []) as object[]
  return process
    .getActiveResourcesInfo()
    .filter((type) => /Wrap$/.test(type))
    .map((type) => new String(type))
}
