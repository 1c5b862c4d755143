import { isAddress } from '../../lib/addresses.ts'
import type { ComposePort } from '../model.ts'
import { isNumber } from '../yaml/node.ts'
import { type Cursor, items, type Read, refuse } from './cursor.ts'
import { count32, type Fields, nonZero, pointerTo, text } from './readers.ts'

const LONG: Fields<ComposePort> = {
  mode: text,
  target: nonZero(count32),
  published: nonZero(count32),
  protocol: text,
}

/** Ports in their short and long forms; a short one may stand for a range. */
export const readPorts: Read<readonly ComposePort[]> = (cursor) => {
  if (cursor.node.type !== 'list') return refuse(cursor, 'expected a list')
  return items(cursor).flatMap(readPort)
}

function readPort(cursor: Cursor): readonly ComposePort[] {
  const { node } = cursor
  if (node.type === 'map') return [pointerTo(LONG)(cursor) ?? {}]
  const short = node.type === 'scalar' ? shortText(node.value) : undefined
  if (short === undefined) return refuse(cursor, 'expected a port: a whole number, a text, or a map') ?? []
  const read = readShort(short)
  return typeof read === 'string' ? (refuse(cursor, `'${short}' is not a port: ${read}`) ?? []) : read
}

function shortText(value: Extract<Cursor['node'], { type: 'scalar' }>['value']): string | undefined {
  if (typeof value === 'string') return value
  return isNumber(value) && value.go === 'int' ? value.text : undefined
}

interface Range {
  readonly first: number
  readonly last: number
}

/** `[address:][published:]target[/protocol]` (docker/go-connections nat); what is wrong with it, where it is none. */
function readShort(short: string): readonly ComposePort[] | string {
  const parts = short.split(':')
  const [inside = '', outside = ''] = [parts.at(-1), parts.at(-2)]
  const wrong = wrongAddress(parts.slice(0, -2).join(':'))
  if (wrong) return wrong
  const [port = '', protocol = ''] = inside.split('/')
  if (port === '') return 'it has no port of the container'
  const target = readRange(port)
  if (!target) return `'${port}' is not a port or a range of ports`
  const published = outside === '' ? undefined : readRange(outside)
  if (outside !== '' && !published) return `'${outside}' is not a port or a range of ports`
  if (published && target.first !== target.last && sizeOf(published) !== sizeOf(target)) {
    return 'the two ranges have different lengths'
  }
  const name = (protocol || 'tcp').toLowerCase()
  if (!['tcp', 'udp', 'sctp'].includes(name)) return `'${protocol}' is not tcp, udp or sctp`
  return expand(target, published, name)
}

const sizeOf = (range: Range): number => range.last - range.first

function wrongAddress(address: string): string | undefined {
  const bare = /^\[(.*)\]$/.exec(address)?.[1] ?? address
  return bare === '' || isAddress(bare) ? undefined : `'${bare}' is not an address`
}

/** What stands behind a second `-` is not looked at. */
function readRange(text: string): Range | undefined {
  const [from = '', to = from] = text.split('-')
  const [first, last] = [readNumber(from), readNumber(to)]
  return first === undefined || last === undefined || last < first ? undefined : { first, last }
}

function readNumber(text: string): number | undefined {
  return /^[0-9]{1,20}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined
}

/** In the order of Docker: by the port of the container, as text. A range before a single port publishes it on each. */
function expand(target: Range, published: Range | undefined, protocol: string): readonly ComposePort[] {
  if (published && target.first === target.last) {
    return numbers(published).map((port) => portOf(target.first, port, protocol))
  }
  const targets = numbers(target).map((port) => ({ port, key: `${port}/${protocol}` }))
  return targets
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ port }) => portOf(port, published && published.first + port - target.first, protocol))
}

const numbers = ({ first, last }: Range): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

function portOf(target: number, published: number | undefined, protocol: string): ComposePort {
  return { mode: 'ingress', ...(target === 0 ? {} : { target }), ...(published ? { published } : {}), protocol }
}
