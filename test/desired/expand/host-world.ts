import { parseAllDocuments } from 'yaml'
import type { Document, Documents } from '../../../src/desired/document.ts'
import { expandDesired } from '../../../src/desired/expand/expand.ts'
import { hostComposite } from '../../../src/desired/expand/hosts.ts'
import { normalizeCheck } from '../../../src/kinds/check/normalize.ts'
import { HOST_KINDS } from '../../../src/kinds/host-registry.ts'
import { KINDS } from '../../../src/kinds/registry.ts'
import type { Desired } from '../../../src/model/desired.ts'
import { schemas } from '../read.ts'
import { mac } from './expand-world.ts'

export const host = (name: string, labels = ''): string =>
  `kind: Host\nname: ${name}\naddress: ${name}.test\nuser: deploy\nhostKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4m4kGRHYfLK8sYJpCj7hCuAcHNcSsHkQnwGSiaF1Ms\nlabels: { ${labels} }\n`

/**
 * Documents of hosts, by path, as the product will read them once it registers them: valid by their schemas, and expanded
 * with the kinds of the product and those of hosts. The position of a pointer is that of its document.
 */
export function expandHosts(
  texts: Readonly<Record<string, string>>,
  options: { readonly brokenTargets?: readonly string[] } = {},
): Desired {
  const all = { 'swarmkeeper.yaml': 'kind: Fleet\nversion: 1\n', ...texts }
  const documents: Documents = {
    documents: Object.entries(all).flatMap(([path, text]) => (path.endsWith('.yaml') ? documentsOf(path, text) : [])),
    problems: [],
    broken: new Set(),
    brokenTargets: new Set(options.brokenTargets),
  }
  const read = (path: string) => {
    const text = texts[path]
    return text === undefined ? undefined : { oid: path, content: Buffer.from(text) }
  }
  return expandDesired({
    documents,
    files: { paths: Object.keys(all), read },
    kinds: new Map([...KINDS, ...HOST_KINDS]),
    composites: [...HOST_KINDS.keys()].map(hostComposite),
    normalizeCheck,
    mac,
    settingsSecret: () => undefined,
  })
}

function documentsOf(path: string, text: string): readonly Document[] {
  return parseAllDocuments(text).map((parsed, index) => {
    const value = parsed.toJS() as Document['value'] & { readonly kind: string; readonly name?: string }
    const { errors } = schemas.check(`${value.kind.toLowerCase()}.json`)(value)
    if (errors.length > 0) throw new Error(`${path}: ${JSON.stringify(errors)}`)
    const app = /^apps\/([^/]+)\//.exec(path)?.[1]
    const position = () => ({ path, line: index + 1, column: 1 })
    return { kind: value.kind, name: value.name, value, app, path, position }
  })
}
