import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { serviceAsApplied } from '../../src/kinds/service/as-applied.ts'
import type { ServiceLive, ServiceSpec } from '../../src/kinds/service/spec.ts'
import { DIGEST, IMAGE, importFrom, STACK, stackService } from '../import/import-world.ts'
import { arbitrarySpec } from '../kinds/service/arbitrary-spec.ts'

/** Any service that a Swarm could hold: with amounts and times that it takes, and capabilities as the CLI sends them. */
const arbitraryLive = arbitrarySpec.map((spec): ServiceLive => {
  const { limits, reservations } = spec.resources
  const more = <T extends { readonly cpus?: number; readonly memory?: number }>(amounts: T): T => ({
    ...amounts,
    ...(amounts.cpus === undefined ? {} : { cpus: 0.001 + amounts.cpus }),
    ...(amounts.memory === undefined ? {} : { memory: 4 * 1024 ** 2 + amounts.memory }),
  })
  const check = Object.entries(spec.healthcheck ?? {}).map(([key, value]) => [
    key,
    typeof value === 'number' && key !== 'retries' ? value + 1 : value,
  ])
  const realistic: ServiceSpec = {
    ...spec,
    image: `hello:1@${DIGEST}`,
    resources: {
      limits: more(limits),
      reservations: { ...more(reservations), generic: counted(reservations.generic) },
    },
    ...(spec.healthcheck ? { healthcheck: Object.fromEntries(check) } : {}),
    ports: spec.ports.filter(({ mode }) => mode === 'host' || spec.endpointMode === 'vip'),
    ulimits: spec.ulimits.map(({ name, soft, hard }) => ({ name, soft: soft < 0 ? hard : Math.min(soft, hard), hard })),
    capAdd: spec.capAdd.includes('ALL') ? ['ALL'] : spec.capAdd,
    capDrop: spec.capDrop.filter((name) => name !== 'ALL' && !spec.capAdd.includes(name)),
  }
  return serviceAsApplied(realistic)
})

/** Documents know no resources that have names. */
const counted = (generic: ServiceSpec['resources']['reservations']['generic']) =>
  Object.fromEntries(Object.entries(generic).filter(([, value]) => typeof value === 'number'))

const ofStack = (live: ServiceLive): ServiceLive => ({
  ...live,
  name: 'st_hello',
  labels: { ...live.labels, [STACK]: 'st', [IMAGE]: 'hello:1' },
  containerLabels: { ...live.containerLabels, [STACK]: 'st' },
})

describe('any service comes back as documents that mean what is live', () => {
  it('on its own', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryLive, async (live) => {
        expect((await importFrom({ services: [live] })).leftOut).toEqual([])
      }),
      { numRuns: 40 },
    )
  })

  it('in a stack, if need be on its own beside it', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryLive, async (live) => {
        const report = await importFrom({ services: [ofStack(live), stackService('st', 'plain')] })
        expect(report.leftOut).toEqual([])
        expect(report.notes.map(({ subject }) => subject)).not.toContain('Service/st_plain')
      }),
      { numRuns: 40 },
    )
  })
})
