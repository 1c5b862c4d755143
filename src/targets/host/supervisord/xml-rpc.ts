/** What supervisord's XML-RPC says and is told: no dates and no fractions come up in it. */
export type XmlValue =
  | string
  | number
  | boolean
  | null
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue | undefined }

export type XmlAnswer =
  | { readonly value: XmlValue }
  | { readonly fault: { readonly code: number; readonly message: string } }

/** A request, as the XML-RPC specification writes it. */
export function writeCall(method: string, params: readonly XmlValue[]): string {
  const values = params.map((param) => `<param><value>${writeValue(param)}</value></param>`).join('')
  return `<?xml version="1.0"?><methodCall><methodName>${escaped(method)}</methodName><params>${values}</params></methodCall>`
}

function writeValue(value: XmlValue | undefined): string {
  if (typeof value === 'string') return `<string>${escaped(value)}</string>`
  if (typeof value === 'number') return `<int>${value}</int>`
  if (typeof value === 'boolean') return `<boolean>${value ? 1 : 0}</boolean>`
  if (value === null || value === undefined) return '<nil/>'
  if (isList(value))
    return `<array><data>${value.map((one) => `<value>${writeValue(one)}</value>`).join('')}</data></array>`
  const members = Object.entries(value).map(
    ([name, member]) => `<member><name>${escaped(name)}</name><value>${writeValue(member)}</value></member>`,
  )
  return `<struct>${members.join('')}</struct>`
}

const isList = (value: XmlValue): value is readonly XmlValue[] => Array.isArray(value)
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;')

/**
 * Reads an answer. Log lines come in it as they are, control characters included, which no XML parser takes: this one knows
 * the tags of XML-RPC and nothing else. @throws SyntaxError
 */
export function readAnswer(xml: string): XmlAnswer {
  const tokens = tokensOf(xml)
  tokens.skip('?xml')
  tokens.open('methodResponse')
  if (tokens.takes('fault')) return { fault: faultOf(readValue(tokens)) }
  tokens.open('params')
  tokens.open('param')
  return { value: readValue(tokens) }
}

function faultOf(value: XmlValue): { readonly code: number; readonly message: string } {
  const { faultCode, faultString } = structOf(value)
  if (typeof faultCode !== 'number') throw new SyntaxError('a fault without a code')
  return { code: faultCode, message: String(faultString ?? '') }
}

/** The members of a struct; none of anything else. */
export const structOf = (value: XmlValue | undefined): Readonly<Record<string, XmlValue | undefined>> =>
  typeof value === 'object' && value !== null && !isList(value) ? value : {}

export const listOf = (value: XmlValue | undefined): readonly XmlValue[] =>
  value !== undefined && value !== null && typeof value === 'object' && isList(value) ? value : []

interface Tokens {
  /** The next tag, if it is this one. */
  takes(tag: string): boolean
  skip(tag: string): void
  /** @throws SyntaxError where another one follows */
  open(tag: string): void
  /** What stands before the next tag. */
  text(): string
}

const TAG = /<(\/?[?A-Za-z0-9.]+)(?:\s[^>]*)?(\/?)>/y

function tokensOf(xml: string): Tokens {
  let at = 0
  const peek = (): { readonly tag: string; readonly end: number } | undefined => {
    TAG.lastIndex = at + (/\s*/y.exec(xml.slice(at, at + 64))?.[0].length ?? 0)
    const found = TAG.exec(xml)
    return found ? { tag: `${found[1] ?? ''}${found[2] ?? ''}`, end: TAG.lastIndex } : undefined
  }
  const takes = (tag: string): boolean => {
    const found = peek()
    if (found?.tag !== tag) return false
    at = found.end
    return true
  }
  return {
    takes,
    skip: (tag) => void takes(tag),
    open: (tag) => {
      if (!takes(tag)) throw new SyntaxError(`<${tag}> was expected at ${at}: ${xml.slice(at, at + 60)}`)
    },
    text: () => {
      const end = xml.indexOf('<', at)
      if (end < 0) throw new SyntaxError('the answer is cut off')
      const text = xml.slice(at, end)
      at = end
      return unescaped(text)
    },
  }
}

function readValue(tokens: Tokens): XmlValue {
  tokens.open('value')
  const value = typedValue(tokens)
  tokens.open('/value')
  return value
}

function typedValue(tokens: Tokens): XmlValue {
  if (tokens.takes('nil/')) return null
  if (tokens.takes('array')) return arrayOf(tokens)
  if (tokens.takes('struct')) return membersOf(tokens)
  for (const [tag, read] of SCALARS) {
    if (!tokens.takes(tag)) continue
    const value = read(tokens.text())
    tokens.open(`/${tag}`)
    return value
  }
  return tokens.takes('string/') ? '' : tokens.text()
}

const SCALARS: readonly (readonly [string, (text: string) => XmlValue])[] = [
  ['string', (text) => text],
  ['int', Number],
  ['i4', Number],
  ['i8', Number],
  ['double', Number],
  ['boolean', (text) => text.trim() === '1'],
  ['base64', (text) => Buffer.from(text, 'base64').toString('utf8')],
]

function arrayOf(tokens: Tokens): XmlValue {
  const items: XmlValue[] = []
  if (!tokens.takes('data/')) {
    tokens.open('data')
    while (!tokens.takes('/data')) items.push(readValue(tokens))
  }
  tokens.open('/array')
  return items
}

function membersOf(tokens: Tokens): XmlValue {
  const members: [string, XmlValue][] = []
  while (!tokens.takes('/struct')) {
    tokens.open('member')
    tokens.open('name')
    const name = tokens.text()
    tokens.open('/name')
    members.push([name, readValue(tokens)])
    tokens.open('/member')
  }
  return Object.fromEntries(members)
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const unescaped = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([0-9a-fA-F]+)|([a-z]+));/g, (whole, decimal, hex, name) => {
    if (name) return ENTITIES[name] ?? whole
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
