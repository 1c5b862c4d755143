import type { CheckSpec, Probe } from '../../model/check.ts'
import { InternalError } from '../../model/error.ts'
import { NormalizeProblem } from '../../model/kind.ts'
import type { Check } from '../../model/written/check.ts'
import { formatImage, parseImage } from '../image-reference.ts'
import { duration, exactlyOne, oneOrMany, read, texts, words } from '../written-values.ts'

export interface CheckContext {
  /** How reports name it. */
  readonly name: string
  /** Where it stands in its document: empty for a Check document. */
  readonly pointer: string
  /** The Swarm that a command runs on. */
  readonly target: string | undefined
}

const DEFAULTS = { timeoutMs: 5000, withinMs: 60_000, everyMs: 2000 }
/** A command has an image to pull first. */
const COMMAND_TIMEOUT_MS = 60_000
const GOOD_STATUS = [200, 201, 202, 203, 204, 205, 206]

type Timing = Pick<CheckSpec, 'timeoutMs' | 'withinMs' | 'everyMs'>

/** A Check document or an item of `keeper.checks`, as its schema lets it through. @throws NormalizeProblem */
export function normalizeCheck(written: unknown, context: CheckContext): CheckSpec {
  const check = written as Pick<Check, 'http' | 'tcp' | 'command' | 'promql' | 'alerts'>
  const { name, pointer } = context
  exactlyOne(check, ['http', 'tcp', 'command', 'promql', 'alerts'], pointer)
  if (check.http) {
    const probe = { ...httpProbe(check.http, `${pointer}/http`), ...throughHost(check.http.from, 'http', context) }
    return { name, probe, ...timing(check.http, `${pointer}/http`), ...latency(check.http, `${pointer}/http`) }
  }
  if (check.tcp) {
    const { host, port, from } = check.tcp
    const probe: Probe = { type: 'tcp', host, port, ...throughHost(from, 'tcp', context) }
    return { name, probe, ...timing(check.tcp, `${pointer}/tcp`), ...latency(check.tcp, `${pointer}/tcp`) }
  }
  if (check.promql) {
    const { target: prometheus, query, expect = 'some' } = check.promql
    const probe: Probe = { type: 'promql', target: prometheus, query, expect }
    return { name, probe, ...timing(check.promql, `${pointer}/promql`) }
  }
  if (check.alerts) {
    const { target: prometheus, none } = check.alerts
    const probe: Probe = {
      type: 'alerts',
      none: texts(none),
      ...(prometheus === undefined ? {} : { target: prometheus }),
    }
    return { name, probe, ...timing(check.alerts, `${pointer}/alerts`) }
  }
  if (!check.command) throw new InternalError(`the check ${name} has no probe`)
  const at = timing(check.command, `${pointer}/command`)
  const timeoutMs = check.command.timeout === undefined ? COMMAND_TIMEOUT_MS : at.timeoutMs
  return { name, probe: commandProbe(check.command, context), ...at, timeoutMs }
}

function throughHost(
  from: string | undefined,
  what: 'http' | 'tcp',
  { pointer, target }: CheckContext,
): { readonly through?: string } {
  if (from !== 'host') return {}
  if (target !== undefined) return { through: target }
  throw new NormalizeProblem(`${pointer}/${what}/from`, 'from which host? say it with `target`')
}

function timing(
  written: { readonly timeout?: string; readonly within?: string; readonly every?: string },
  pointer: string,
): Timing {
  return {
    timeoutMs: duration(written.timeout, `${pointer}/timeout`) || DEFAULTS.timeoutMs,
    withinMs: duration(written.within, `${pointer}/within`) ?? DEFAULTS.withinMs,
    everyMs: duration(written.every, `${pointer}/every`) || DEFAULTS.everyMs,
  }
}

/** What may take longer than an attempt would never be judged by it. */
function latency(
  written: { readonly timeout?: string; readonly latency?: string },
  pointer: string,
): { readonly latencyMs?: number } {
  const latencyMs = duration(written.latency, `${pointer}/latency`)
  if (latencyMs === undefined) return {}
  const timeoutMs = duration(written.timeout, `${pointer}/timeout`) || DEFAULTS.timeoutMs
  if (latencyMs > 0 && latencyMs <= timeoutMs) return { latencyMs }
  const wrong =
    latencyMs <= 0 ? 'no answer takes no time' : `an attempt is given up after ${timeoutMs} ms (\`timeout\`)`
  throw new NormalizeProblem(`${pointer}/latency`, wrong)
}

function httpProbe(written: NonNullable<Check['http']>, pointer: string): Extract<Probe, { type: 'http' }> {
  if (!URL.canParse(written.url)) throw new NormalizeProblem(`${pointer}/url`, `'${written.url}' is not an address`)
  return {
    type: 'http',
    url: written.url,
    method: written.method ?? 'GET',
    headers: texts(written.headers),
    status: written.status === undefined ? GOOD_STATUS : oneOrMany(written.status),
    expectHeaders: expectedHeaders(written.expectHeaders, `${pointer}/expectHeaders`),
    json: written.json ?? {},
    redirect: written.redirect ?? 'manual',
    ...(written.body === undefined ? {} : { body: written.body }),
  }
}

/** Names in lower case; a value between slashes is a regular expression, which must be one. */
function expectedHeaders(written: Parameters<typeof texts>[0], pointer: string): Readonly<Record<string, string>> {
  const entries = Object.entries(texts(written)).map(([name, value]): [string, string] => {
    const pattern = /^\/(.*)\/$/s.exec(value)?.[1]
    if (pattern !== undefined && !isPattern(pattern)) {
      throw new NormalizeProblem(pointer, `${name}: ${value} is not a regular expression`)
    }
    return [name.toLowerCase(), value]
  })
  return Object.fromEntries(entries)
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp
  } catch {
    return false
  }
}

function commandProbe(written: NonNullable<Check['command']>, { pointer, target }: CheckContext): Probe {
  const at = `${pointer}/command`
  if (target === undefined) {
    throw new NormalizeProblem(at, 'a command runs on a Swarm or a Host: say which one with `target`')
  }
  const { image: reference } = written
  if (reference === undefined) return hostCommand(written, at, target)
  const image = read(`${at}/image`, () => parseImage(reference))
  const untagged = image.tag === undefined && image.digest === undefined
  const command = words(written.command, `${at}/command`)
  if (command.length === 0) throw new NormalizeProblem(`${at}/command`, 'the command is empty')
  return {
    type: 'command',
    target,
    image: formatImage(untagged ? { ...image, tag: 'latest' } : image),
    command,
    networks: written.networks ?? [],
    env: texts(written.env),
  }
}

/** Words reach the program as they are: no shell is between. */
function hostCommand(written: NonNullable<Check['command']>, at: string, target: string): Probe {
  if (written.networks !== undefined)
    throw new NormalizeProblem(`${at}/networks`, 'a command on a Host joins no networks')
  const command = words(written.command, `${at}/command`)
  if (command.length === 0) throw new NormalizeProblem(`${at}/command`, 'the command is empty')
  return { type: 'host-command', target, command, env: texts(written.env) }
}
