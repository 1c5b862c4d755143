import { defineConfig } from 'vitest/config'

// Fastest first: `unit` needs nothing but Node; `programs` starts real ones beside us (git, sshd, the docker CLI,
// processes that are killed); `scenario` starts the lab (real engines, root).
const PROGRAMS = [
  'test/source/**/*.test.ts',
  'test/shell/ssh/**/*.test.ts',
  'test/store/two-processes.test.ts',
  'test/main.test.ts',
  'test/security/process.test.ts',
  'test/conformance/replay/**/*.test.ts',
  'test/desired/generated-types.test.ts',
  'test/conformance/programs/**/*.test.ts',
  'test/conformance/units/**/*.test.ts',
  'test/conformance/rules/**/*.test.ts',
  'test/kinds/unit/systemd-itself.test.ts',
  // Real sockets with slow senders, hundreds of payloads, whole daemons: too long for the fast ones.
  'test/api/slow-and-large.test.ts',
  'test/api/webhook-event.test.ts',
  'test/api/webhook-hostile.test.ts',
  'test/api/real-answers.test.ts',
  'test/api/{access,acts,events,reads,spend}.test.ts',
  'test/chat/conformance.test.ts',
  'test/cli/{promtool,remote}.test.ts',
  'test/github/{faults,outbox}.test.ts',
  'test/support/github-stub.test.ts',
  'test/chat/outage.test.ts',
  'test/github/limits.test.ts',
  'test/supervisors/daemon.test.ts',
  'test/security/bombs.test.ts',
  'test/security/canary.test.ts',
  'test/api/alertmanager.test.ts',
  'test/security/surface.test.ts',
  'test/conformance/stacks/own.test.ts',
  'test/announce/statuses.test.ts',
  'test/support/recording-engine/recording-engine.test.ts',
  // Databases that others hold, or that are damaged.
  'test/store/open-database.test.ts',
  // Thousands of cases.
  'test/compose/go-values.test.ts',
  'test/kinds/service/round-trip.test.ts',
  'test/outbox/killed.test.ts',
  'test/outbox/real-trouble.test.ts',
]

export default defineConfig({
  test: {
    // vitest leaves one core idle by default, which is half of a small machine.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/scenarios/**', 'test/property/**', ...PROGRAMS],
          testTimeout: 60_000,
          // Loading the same modules anew for each file took half of the time; what a file leaves behind is a fault of it.
          isolate: false,
        },
      },
      { test: { name: 'programs', include: PROGRAMS, testTimeout: 60_000 } },
      { test: { name: 'property', include: ['test/property/**/*.test.ts'], testTimeout: 300_000 } },
      {
        test: {
          name: 'scenario',
          include: ['test/scenarios/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 240_000,
          // They wait two thirds of their time, and each lab is apart.
          maxWorkers: 5,
        },
      },
    ],
  },
})
