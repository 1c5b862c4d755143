type Fields = Readonly<Record<string, unknown>>

/** Plain words for what people know in a short form; everything else of a list is shown as it is. */
const SHORT: Readonly<Record<string, (item: Fields) => string>> = {
  '/ports': portText,
  '/mounts': mountText,
  '/secrets': fileText,
  '/configs': fileText,
  '/networks': ({ name }) => String(name),
}

/** `18080:8080/tcp (host)`, `volume api_data at /data`, `db_0123456789ab at db`; undefined where there is no short form. */
export function itemText(path: string, item: unknown): string | undefined {
  return isFields(item) ? SHORT[path]?.(item) : undefined
}

/** What the one list has and the other has not, in words; undefined where words would not show the difference. */
export function listChange(path: string, from: unknown, to: unknown): readonly [string, string] | undefined {
  const [before, after] = [wordsOf(path, from), wordsOf(path, to)]
  if (!before || !after) return undefined
  const gone = before.filter((text) => !after.includes(text))
  const come = after.filter((text) => !before.includes(text))
  return gone.length + come.length === 0 ? undefined : [textOf(gone), textOf(come)]
}

const textOf = (words: readonly string[]): string => (words.length === 0 ? '(none)' : words.join(', '))

function wordsOf(path: string, list: unknown): readonly string[] | undefined {
  if (list === undefined) return []
  if (!Array.isArray(list)) return undefined
  const words = list.map((item) => itemText(path, item))
  return words.every((word) => word !== undefined) ? words : undefined
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function portText({ target, published, protocol, mode }: Fields): string {
  const outside = published === undefined ? '(any)' : String(published)
  return `${outside}:${String(target)}/${String(protocol)}${mode === 'host' ? ' (host)' : ''}`
}

function mountText({ type, source, target, readOnly }: Fields): string {
  const what = source === undefined ? String(type) : `${String(type)} ${String(source)}`
  return `${what} at ${String(target)}${readOnly === true ? ' (read-only)' : ''}`
}

function fileText({ name, target }: Fields): string {
  return target === undefined ? String(name) : `${String(name)} at ${String(target)}`
}
