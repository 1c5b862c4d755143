import type { Document, RepositoryFiles } from '../desired/document.ts'
import { readDocuments } from '../desired/read-documents.ts'
import { compileSchemas } from '../desired/schemas.ts'
import { loadSchemas } from '../lib/load-schemas.ts'
import type { Position } from '../model/problem.ts'
import type { Snapshot } from '../model/source.ts'
import type { WhereWritten } from '../report/render-desired.ts'

/** Where the fields of resources stand in the documents of a snapshot. */
export async function whereWrittenIn(snapshot: Snapshot): Promise<WhereWritten> {
  const { documents } = readDocuments({
    files: await repositoryFilesOf(snapshot),
    schemas: compileSchemas(loadSchemas()),
  })
  const byOrigin = new Map(documents.map((document) => [placeOf(document.position('')), document]))
  return (wanted, field) => {
    const document = byOrigin.get(placeOf(wanted.origin))
    const pointer = document && pointerOf(document, field)
    if (!document || pointer === undefined) return undefined
    const { path, line } = document.position(pointer)
    return `${path}:${line}`
  }
}

/** Fields of a spec that documents write in several ways. */
const WRITTEN_AS: Readonly<Record<string, readonly string[]>> = {
  content: ['content', 'file', 'from'],
  env: ['env', 'envFile'],
}

/** Undefined where the document does not say it: a default. */
function pointerOf({ value }: Document, field: string): string | undefined {
  const written = (WRITTEN_AS[field] ?? [field]).find((key) => key in value)
  return written === undefined ? undefined : `/${written}`
}

const placeOf = ({ path, line, column }: Position): string => `${path}:${line}:${column}`

export async function repositoryFilesOf(snapshot: Snapshot): Promise<RepositoryFiles> {
  const contents = new Map<string, Buffer>()
  for (const { oid } of snapshot.files.values()) contents.set(oid, await snapshot.blob(oid))
  return {
    paths: [...snapshot.files.keys()],
    ...(snapshot.root === undefined ? {} : { root: snapshot.root }),
    read: (path) => {
      const file = snapshot.files.get(path)
      const content = file && contents.get(file.oid)
      return file && content && { oid: file.oid, content }
    },
  }
}
