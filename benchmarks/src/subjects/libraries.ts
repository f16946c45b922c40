import type { Library } from './subject.ts'

/** Loaded one by one: a cell's process holds nothing but the library that it measures. */
export const LIBRARIES: Readonly<Record<string, () => Promise<Library>>> = {
  none: async () => (await import('./bare.ts')).none,
  '@failover/core': async () => (await import('./failover.ts')).failover,
  cockatiel: async () => (await import('./cockatiel.ts')).cockatiel,
  opossum: async () => (await import('./opossum.ts')).opossum,
  mollitia: async () => (await import('./mollitia.ts')).mollitia,
}

export async function everyLibrary(): Promise<readonly Library[]> {
  return Promise.all(Object.values(LIBRARIES).map((load) => load()))
}
