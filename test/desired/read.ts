import { createHash } from 'node:crypto'
import type { Documents } from '../../src/desired/document.ts'
import type { ParseCache } from '../../src/desired/parse-cache.ts'
import { readDocuments } from '../../src/desired/read-documents.ts'
import { compileSchemas } from '../../src/desired/schemas.ts'
import { loadSchemas } from '../../src/lib/load-schemas.ts'
import { formatProblem } from '../../src/model/problem.ts'

export const schemas = compileSchemas(loadSchemas())

export const FLEET = 'kind: Fleet\nversion: 1\n'
export const SWARM = 'kind: Swarm\nname: prod\nendpoints: [unix:///var/run/docker.sock]\n'
export const service = (name: string, more = ''): string => `kind: Service\nname: ${name}\nimage: hello:1\n${more}`

export type Texts = Readonly<Record<string, string | Buffer | undefined>>

export interface ReadOptions {
  readonly refused?: ReadonlyMap<string, string>
  readonly cache?: ParseCache
  readonly root?: string
}

/**
 * Reads a repository with a Fleet, the Swarm `prod`, and a healthy app `other` under its root, unless they are given
 * otherwise.
 */
export function read(texts: Texts, { refused, cache, root }: ReadOptions = {}): Documents {
  const top = root === undefined ? '' : `${root}/`
  const all: Texts = {
    [`${top}swarmkeeper.yaml`]: FLEET,
    [`${top}targets/prod.yaml`]: SWARM,
    [`${top}apps/other/other.yaml`]: service('other'),
    ...texts,
  }
  const contents = new Map(
    Object.entries(all).flatMap(([path, text]) => (text === undefined ? [] : [[path, Buffer.from(text)] as const])),
  )
  const files = {
    paths: [...contents.keys()],
    read: (path: string) => {
      const content = contents.get(path)
      return content && { oid: createHash('sha1').update(content).digest('hex'), content }
    },
    ...(refused ? { refused } : {}),
    ...(root === undefined ? {} : { root }),
  }
  return readDocuments({ files, schemas, ...(cache ? { cache } : {}) })
}

/** Problems as people see them. */
export const lines = (documents: Documents): readonly string[] => documents.problems.map(formatProblem)

/** The one document of an app. */
export function documentOf(documents: Documents, app: string) {
  const found = documents.documents.filter((document) => document.app === app)
  const [only] = found
  if (!only || found.length > 1) throw new Error(`${found.length} documents in ${app}: ${lines(documents).join('\n')}`)
  return only
}
