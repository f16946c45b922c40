import { defineProject } from 'vitest/config'

export default defineProject({
  resolve: { conditions: ['@failover/source'] },
  ssr: { resolve: { conditions: ['@failover/source'] } },
  test: {
    name: 'db-postgres',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Real servers start in each file: two cores are not shared with a second file.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
