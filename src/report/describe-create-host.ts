import { printable, shorten } from './printable.ts'

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const LONGEST = 160

/** Of what is made on a host: whose it is, who may read it, and where its content comes from. */
export function aboutOnHost(kind: string, spec: Fields): readonly string[] {
  const lines =
    kind === 'User'
      ? aboutUser(spec)
      : typeof spec.path === 'string' && spec.owner !== undefined
        ? aboutPlaced(spec)
        : []
  return lines.map((line) => shorten(printable(line), LONGEST))
}

function aboutPlaced({ owner, group, mode, source, sha256, content }: Fields): readonly string[] {
  const whose = group === undefined ? String(owner) : `${String(owner)}:${String(group)}`
  const origin = isFields(source)
    ? typeof source.url === 'string'
      ? withoutQuery(source.url)
      : 'the repository'
    : undefined
  return [
    `owner: ${whose}, mode ${String(mode)}`,
    ...(origin === undefined ? [] : [`from: ${origin}, sha256 ${String(sha256).slice(0, 12)}…`]),
    ...(isFields(content) ? aboutContent(content) : []),
  ]
}

/** Signed addresses are secrets. */
const withoutQuery = (url: string): string => url.replace(/[?#].*$/s, '')

function aboutContent({ mac, base64, merge }: Fields): readonly string[] {
  if (mac !== undefined) return ['content: (secret)']
  if (isFields(merge)) return [`merged: ${Object.keys(merge).join(', ')}`]
  if (typeof base64 !== 'string') return []
  const bytes = Buffer.from(base64, 'base64').length
  return [`content: ${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`]
}

function aboutUser({ uid, system, home, shell, groups }: Fields): readonly string[] {
  const traits = [
    system === true && 'system',
    uid !== undefined && `uid ${String(uid)}`,
    home !== undefined && `home ${String(home)}`,
    shell !== undefined && `shell ${String(shell)}`,
    Array.isArray(groups) && groups.length > 0 && `groups ${groups.join(', ')}`,
  ].filter((trait) => typeof trait === 'string')
  return traits.length === 0 ? [] : [`account: ${traits.join(', ')}`]
}
