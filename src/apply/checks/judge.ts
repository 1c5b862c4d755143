import { runInNewContext } from 'node:vm'
import { getPointer } from '../../lib/json-pointer.ts'
import { sameValue } from '../../model/digest.ts'
import type { Body } from '../../web/request.ts'
import { excerpt, show } from './attempt.ts'
import type { HttpProbe } from './http.ts'

export interface Answer {
  readonly status: number
  /** Names in lower case; several of one name joined by commas. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body
}

export interface Verdict {
  readonly ok: boolean
  readonly message: string
}

/** Only the head decides, and says yes: then the body may be as long and as slow as it likes. */
export function needsBody(probe: HttpProbe, answer: Answer): boolean {
  return wantsBody(probe) || headFaults(probe, answer).length > 0
}

const wantsBody = (probe: HttpProbe): boolean => probe.body !== undefined || Object.keys(probe.json).length > 0

/** Compares an answer with what was expected; a failing verdict says both, and how the body begins. */
export function judge(probe: HttpProbe, answer: Answer): Verdict {
  const head = headFaults(probe, answer)
  const faults = head.length > 0 ? head : bodyFaults(probe, answer.body)
  if (faults.length === 0) return { ok: true, message: `status ${answer.status}` }
  const body = answer.body.text === '' ? 'no body' : `body: ${excerpt(answer.body.text)}`
  return { ok: false, message: `${faults.join('; ')}; ${body}` }
}

function headFaults({ status, expectHeaders }: HttpProbe, answer: Answer): readonly string[] {
  const faults = status.includes(answer.status) ? [] : [`status ${answer.status}, expected ${statusText(status)}`]
  for (const [name, expected] of Object.entries(expectHeaders)) {
    const got = answer.headers[name.toLowerCase()]
    const fault = got === undefined ? `is missing, expected ${excerpt(expected)}` : headerFault(got, expected)
    if (fault !== undefined) faults.push(`header ${name} ${fault}`)
  }
  return faults
}

/** `200`, `200, 204`, `200-299`: three codes or more without a gap are a range. */
function statusText(codes: readonly number[]): string {
  const ranges: { readonly from: number; to: number }[] = []
  for (const code of [...codes].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last && code <= last.to + 1 && codes.length > 2) last.to = code
    else ranges.push({ from: code, to: code })
  }
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(', ')
}

const LONGEST_HEADER = 4096

function headerFault(got: string, expected: string): string | undefined {
  const pattern = /^\/(.*)\/$/s.exec(expected)?.[1]
  if (pattern === undefined) return got === expected ? undefined : `is ${excerpt(got)}, expected ${excerpt(expected)}`
  const matched = matches(pattern, got.slice(0, LONGEST_HEADER))
  if (matched === true) return undefined
  return matched === false
    ? `is ${excerpt(got)}, expected it to match ${excerpt(expected)}`
    : `cannot be compared: ${matched}`
}

/** True, false, or why it cannot be told. Patterns come from the repository, and may never end (ReDoS, SEC-21). */
function matches(pattern: string, text: string): boolean | string {
  try {
    return runInNewContext('new RegExp(pattern).test(text)', { pattern, text }, { timeout: 100 }) === true
  } catch (error) {
    // No instanceof: an error of the other context is no Error of this one.
    const endless = (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
    return endless ? `/${pattern}/ takes too long` : `/${pattern}/ is not a regular expression`
  }
}

function bodyFaults(probe: HttpProbe, body: Body): readonly string[] {
  if (!wantsBody(probe)) return []
  const text = probe.body === undefined || body.text.includes(probe.body) ? [] : [`the body lacks ${show(probe.body)}`]
  const json = Object.entries(probe.json)
  const faults = [...text, ...(json.length === 0 ? [] : jsonFaults(json, body))]
  if (faults.length === 0) return []
  if (body.cut) return [...faults, 'only the first 64 KiB of the body were read']
  return body.ended ? faults : [...faults, 'the body did not come to its end']
}

function jsonFaults(expected: readonly (readonly [string, unknown])[], body: Body): readonly string[] {
  const parsed = parse(body.text)
  if (!parsed) return ['the body is not JSON']
  return expected.flatMap(([pointer, value]) => {
    const got = ownValue(parsed.value, pointer)
    if (got !== undefined && sameValue(got, value)) return []
    return [`${pointer || 'the answer'} is ${got === undefined ? 'missing' : show(got)}, expected ${show(value)}`]
  })
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** What JSON holds is never a function: `/constructor` of an object is what it inherits, not what was answered. */
function ownValue(value: unknown, pointer: string): unknown {
  const got = getPointer(value, pointer)
  return typeof got === 'function' ? undefined : got
}
