import { describe, expect, it } from 'vitest'
import { stackObjects } from '../../src/compose/convert/objects.ts'
import { serviceSpecOf } from '../../src/compose/convert/service.ts'
import type { Stack } from '../../src/compose/convert/stack.ts'
import { composeFile } from '../../src/import/compose-file.ts'
import { yamlText } from '../../src/import/written.ts'
import { compareNetwork } from '../../src/kinds/network/compare.ts'
import { normalizeNetwork } from '../../src/kinds/network/normalize.ts'
import { compareService } from '../../src/kinds/service/compare.ts'
import type { NormalizeContext } from '../../src/model/kind.ts'
import { modelOf } from '../compose/compose-world.ts'
import { type RecordedStack, recordedStacks } from './recorded.ts'

const CORPUS = process.env.SWARMKEEPER_CORPUS ?? '../shared/data'
const own = recordedStacks('test/conformance/stacks/own.expected').filter(({ services }) => services.length > 0)
const corpus = recordedStacks(`${CORPUS}/stacks.expected`).filter(({ services }) => services.length > 0)

/** The stack of the live services: the recorder calls every one of them alike. */
const stackOf = ({ services }: RecordedStack): string => services[0]?.labels['com.docker.stack.namespace'] ?? ''

/** What differs between live and what the written compose file means. */
function differences(live: RecordedStack): readonly string[] {
  const name = stackOf(live)
  const text = yamlText([composeFile(name, live).written])
  const model = modelOf(text)
  const found: string[] = []
  const say = (pointer: string, message: string): number => found.push(`${pointer}: ${message}`)
  const stack: Stack = { name, model, refer: (_, document) => document, refuse: say, doubt: say }
  for (const [key, service] of Object.entries(model.services)) {
    const spec = serviceSpecOf(service, { stack, key, pointer: `/services/${key}` })
    const one = live.services.find((other) => other.name === spec.name)
    if (!one) found.push(`${spec.name} is not live`)
    else found.push(...compareService(spec, one).map((diff) => `${spec.name}${diff.path}: ${JSON.stringify(diff)}`))
  }
  for (const { document } of stackObjects(stack)) {
    if (document.kind !== 'Network' || document.external) continue
    const { spec } = normalizeNetwork(document, {} as NormalizeContext)
    const one = live.networks.find((other) => other.name === spec.name)
    if (!one) found.push(`${spec.name} is not live`)
    else found.push(...compareNetwork(spec, one).map((diff) => `${spec.name}${diff.path}: ${JSON.stringify(diff)}`))
  }
  if (Object.keys(model.services).length !== live.services.length) found.push('a service is missing')
  return found
}

describe('a stack that the docker CLI deployed, written as a compose file, means what is live', () => {
  it.each(own)('$name', (stack) => {
    expect(differences(stack)).toEqual([])
  })
})

describe.skipIf(corpus.length === 0)('so does every stack that people deploy (needs SWARMKEEPER_CORPUS)', () => {
  it.each(corpus)('$name', (stack) => {
    expect(differences(stack)).toEqual([])
  })
})
