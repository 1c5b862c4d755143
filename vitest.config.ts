import { defineConfig } from 'vitest/config'

// Three projects, fastest first: `unit` needs nothing but Node; `scenario` starts the lab (real engines, root).
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/scenarios/**', 'test/property/**'],
          testTimeout: 20_000,
        },
      },
      { test: { name: 'property', include: ['test/property/**/*.test.ts'], testTimeout: 300_000 } },
      {
        test: {
          name: 'scenario',
          include: ['test/scenarios/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
