import { createHash } from 'node:crypto'
import type { Documents, RepositoryFiles } from '../../src/desired/document.ts'
import { createParseCache } from '../../src/desired/parse-cache.ts'
import { readDocuments } from '../../src/desired/read-documents.ts'
import { compileSchemas } from '../../src/desired/schemas.ts'
import { loadSchemas } from '../../src/lib/load-schemas.ts'

export interface Repository {
  readonly documents: Documents
  readonly files: RepositoryFiles
}

const schemas = compileSchemas(loadSchemas())
const cache = createParseCache()

/**
 * A config repository in memory, path -> text, as the reader reads it. A `Fleet` and a Swarm `prod` are there unless
 * they are given; an empty text is no file.
 */
export function repo(given: Readonly<Record<string, string>>): Repository {
  const texts: Readonly<Record<string, string>> = {
    'swarmkeeper.yaml': 'kind: Fleet\nversion: 1\n',
    'targets/prod.yaml': 'kind: Swarm\nname: prod\nendpoints: [unix:///var/run/docker.sock]\n',
    ...given,
  }
  const files = filesOf(new Map(Object.entries(texts).filter(([, text]) => text !== '')))
  return { documents: readDocuments({ files, schemas, cache }), files }
}

function filesOf(texts: ReadonlyMap<string, string>): RepositoryFiles {
  return {
    paths: [...texts.keys()].sort(),
    read: (path) => {
      const text = texts.get(path)
      if (text === undefined) return undefined
      return { oid: createHash('sha1').update(text).digest('hex'), content: Buffer.from(text) }
    },
  }
}
