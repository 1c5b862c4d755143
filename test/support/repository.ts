import { createHash } from 'node:crypto'
import { LineCounter, parseAllDocuments, type Document as YamlDocument } from 'yaml'
import type { Document, Documents, RepositoryFiles } from '../../src/desired/document.ts'

export interface Repository {
  readonly documents: Documents
  readonly files: RepositoryFiles
}

/** A config repository in memory: path -> text. A `Fleet` and a Swarm `prod` are there unless they are given. */
export function repo(files: Readonly<Record<string, string>>): Repository {
  const all: Record<string, string> = {
    'swarmkeeper.yaml': 'kind: Fleet\nversion: 1\n',
    'targets/prod.yaml': 'kind: Swarm\nname: prod\nendpoints: [unix:///var/run/docker.sock]\n',
    ...files,
  }
  const texts = Object.entries(all).filter(([, text]) => text !== '')
  const documents = texts.filter(([path]) => path.endsWith('.yaml')).flatMap(([path, text]) => readText(path, text))
  const sound = { problems: [], broken: new Set<string>(), brokenTargets: new Set<string>() }
  return {
    documents: { documents, ...sound },
    files: filesOf(new Map(texts)),
  }
}

export function filesOf(texts: ReadonlyMap<string, string>): RepositoryFiles {
  return {
    paths: [...texts.keys()].sort(),
    read: (path) => {
      const text = texts.get(path)
      if (text === undefined) return undefined
      return { oid: createHash('sha1').update(text).digest('hex'), content: Buffer.from(text) }
    },
  }
}

function readText(path: string, text: string): readonly Document[] {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: lines }) as YamlDocument[]
  return documents.map((yaml) => {
    const value = yaml.toJS() as Record<string, unknown>
    const app = /^apps\/([^/]+)\//.exec(path)?.[1]
    return {
      kind: String(value.kind),
      name: value.name as string | undefined,
      value,
      app,
      path,
      position: (pointer) => {
        const segments = pointer.split('/').slice(1)
        const node = (segments.length > 0 ? yaml.getIn(segments, true) : yaml.contents) as
          | { range?: number[] }
          | undefined
        const { line, col } = lines.linePos(node?.range?.[0] ?? 0)
        return { path, line, column: col }
      },
    }
  })
}
