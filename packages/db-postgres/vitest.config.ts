import { defineProject } from 'vitest/config'

export default defineProject({
  resolve: { conditions: ['@failover/source'] },
  ssr: { resolve: { conditions: ['@failover/source'] } },
  test: {
    name: 'db-postgres',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
