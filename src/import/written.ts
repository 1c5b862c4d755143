import { Document, Scalar } from 'yaml'
import { printGoDuration } from '../compose/go/duration.ts'
import { fromOctal } from '../kinds/service/go-values.ts'

/** A map of a document, as it is written. Fields that are undefined are left out. */
export interface Written {
  readonly [key: string]: unknown
}

/** A file mode, which is written without quotes: `0440`. */
export class Octal {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export const someList = <T>(items: readonly T[] | undefined): readonly T[] | undefined =>
  items && items.length > 0 ? items : undefined

/** Undefined where no field says anything. */
export function someMap(map: Written | undefined): Written | undefined {
  const said = Object.entries(map ?? {}).filter(([, value]) => value !== undefined)
  return said.length > 0 ? Object.fromEntries(said) : undefined
}

export const yes = (flag: boolean): true | undefined => (flag ? true : undefined)

export function without(map: Readonly<Record<string, string>>, ...keys: readonly string[]): Written | undefined {
  return someMap(Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key))))
}

/** `1m30s`, `1h`: in units that Go and documents both read; nothing is rounded. */
export function durationText(milliseconds: number): string {
  const text = printGoDuration(BigInt(Math.round(milliseconds * 1e6)))
  return text.replace(/(?<=[hm])0s$/, '').replace(/(?<=h)0m$/, '')
}

/** In the largest unit in which it is a whole number. */
export function sizeText(bytes: number): string {
  const units = ['TiB', 'GiB', 'MiB', 'KiB']
  const index = units.findIndex((_, power) => bytes % 1024 ** (units.length - power) === 0)
  return index < 0 || bytes === 0 ? String(bytes) : `${bytes / 1024 ** (units.length - index)}${units[index]}`
}

/**
 * YAML 1.1, whose rules quote most: what a reader of 1.1 or of 1.2 would take for something else than a text stands in
 * quotes. A dollar is doubled, for documents and compose files both put variables in place.
 */
export function yamlText(values: readonly Written[], comment?: string): string {
  const texts = values.map((value) => {
    const document = new Document(nodes(value), { version: '1.1' })
    return document.toString({ lineWidth: 0 })
  })
  return `${comment === undefined ? '' : comment.replaceAll(/^(?=.)/gm, '# ').concat('\n')}${texts.join('---\n')}`
}

/** Begins as a number does, in some reader's eyes. */
const LIKE_NUMBER = /^[-+]?(\.?\d|\.(inf|nan))/i

function nodes(value: unknown): unknown {
  if (value instanceof Octal) return octalNode(value)
  if (typeof value === 'string') return textNode(value.replaceAll('$', '$$$$'))
  if (Array.isArray(value)) return value.map(nodes)
  if (typeof value !== 'object' || value === null) return value
  const said = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(said.map(([key, item]) => [key, nodes(item)]))
}

function octalNode({ text }: Octal): Scalar {
  const scalar = new Scalar(fromOctal(text))
  scalar.format = 'OCT'
  return scalar
}

function textNode(text: string): Scalar {
  const scalar = new Scalar(text)
  const plainIsSafe = !LIKE_NUMBER.test(text) && !/[^\n\P{C}]/u.test(text) && !/[ \n]\n|^\s|\s$/.test(text)
  if (!plainIsSafe) scalar.type = 'QUOTE_DOUBLE'
  return scalar
}
