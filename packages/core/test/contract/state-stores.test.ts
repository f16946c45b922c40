import { describe, test } from 'vitest'
import { MemoryStateStore } from '../../src/index.ts'
import { FakeClock, stateStoreContract } from '../../src/testing/index.ts'

const clock = new FakeClock()

stateStoreContract(
  { describe, test },
  {
    name: 'F7: MemoryStateStore',
    start: async () => {
      const store = new MemoryStateStore({ clock })
      return { connect: async () => store, dispose: async () => store.close() }
    },
    pass: (ms) => clock.advance(ms),
  },
)
