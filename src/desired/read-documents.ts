import type { Documents } from './document.ts'
import type { Bases } from './extends.ts'
import { type LoadedFile, loadFiles } from './load-files.ts'
import { readFleetDocument } from './read-fleet.ts'
import { type ReadInput, type Reading, readFile, report, reportFlaws, startReading, topOf } from './reading.ts'

export type { ReadInput }

/**
 * Files of a repository in, its documents out: extended, variables in place, valid by their schemas. All problems of all
 * files at once; an error stops the app that it is in and no other. Pure: every file was read beforehand.
 */
export function readDocuments(input: ReadInput): Documents {
  const reading = startReading(input)
  const files = loadFiles(reading)
  reading.others = files.some((file) => !file.isDocument)
  const fleet = readFleetDocument(files, reading)
  const bases: Bases = { files: input.files, vars: fleet.vars, parse: reading.parse }
  for (const file of files) if (file.place !== 'fleet' && file.isDocument) readFile(file, bases, reading)
  for (const file of files) if (!file.isDocument) judgeOther(file, reading)
  if (!fleet.valid) for (const file of files) if (file.app !== undefined) reading.broken.add(file.app)
  return {
    documents: reading.documents,
    problems: reading.problems.sorted(),
    unusable: reading.unusable,
    unread: reading.unread,
    broken: reading.broken,
    brokenTargets: reading.brokenTargets,
  }
}

/** YAML in an app's folder that is no document: a file of another tool, if a document refers to it. */
function judgeOther(file: LoadedFile, reading: Reading): void {
  if (reading.referred.has(file.path)) return
  if (reportFlaws(file, reading)) return
  // A document that could not be read may be the one that refers to it.
  if (reading.broken.has(file.app ?? '') || file.parsed.trees.length === 0) return
  const message = "there is no 'kind', so this is not a document, and no document refers to it: it has no effect"
  report(reading, file, { ...topOf(file), message, severity: 'warning' })
}
