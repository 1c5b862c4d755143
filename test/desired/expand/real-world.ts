import { expandDesired } from '../../../src/desired/expand/expand.ts'
import { normalizeCheck } from '../../../src/kinds/check/normalize.ts'
import { KINDS } from '../../../src/kinds/registry.ts'
import type { Desired } from '../../../src/model/desired.ts'
import { FLEET, read, SWARM, type Texts } from '../read.ts'
import { mac } from './expand-world.ts'

/** Everything from the text of the files on, with the schemas and the kinds of the product. */
export function validate(texts: Texts, owners: ReadonlyMap<string, string> = new Map()): Desired {
  const all: Texts = {
    'swarmkeeper.yaml': FLEET,
    'targets/prod.yaml': SWARM,
    'apps/other/other.yaml': undefined,
    ...texts,
  }
  return expandDesired({
    documents: read(all),
    files: filesOf(all),
    kinds: KINDS,
    normalizeCheck,
    mac,
    settingsSecret: () => undefined,
    owners,
  })
}

function filesOf(texts: Texts) {
  const paths = Object.keys(texts).filter((path) => texts[path] !== undefined)
  const read = (path: string) => {
    const text = texts[path]
    return text === undefined ? undefined : { oid: path, content: Buffer.from(text) }
  }
  return { paths, read }
}

export const documents = (...texts: readonly string[]): string => texts.join('---\n')
export const service = (name: string, more = ''): string => `kind: Service\nname: ${name}\nimage: hello:1\n${more}`
export const job = (name: string): string => `kind: Job\nname: ${name}\nservice: { image: hello:1 }\n`
