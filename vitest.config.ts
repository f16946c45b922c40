import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['@failover/source'] },
  ssr: { resolve: { conditions: ['@failover/source'], externalConditions: ['@failover/source'] } },
  test: {
    restoreMocks: true,
    projects: ['packages/*', 'examples/*'],
  },
})
