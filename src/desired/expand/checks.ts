import { parseDuration } from '../../lib/duration.ts'
import { groupBy } from '../../lib/group-by.ts'
import { didYouMean } from '../../lib/nearest.ts'
import type { CheckSpec } from '../../model/check.ts'
import { NormalizeProblem } from '../../model/kind.ts'
import type { StandingCheck } from '../../model/standing.ts'
import type { Check as Written } from '../../model/written/check.ts'
import type { Document } from '../document.ts'
import { problemOfTarget } from './budgets.ts'
import { addressOf, type Catalogue, resolveReference } from './catalogue.ts'
import { byOrigin, compareText, type Findings, whereIs } from './findings.ts'
import { keeperOf } from './handling.ts'
import { chooseTarget, type Targets } from './targets.ts'
import { declaredWithErrors } from './unusable.ts'

const FAIL_AFTER = 3
/** What is asked oftener is a load and no check. */
const LEAST_INTERVAL_MS = 1_000

function standingOf({ document, app, name, spec }: NamedCheck, findings: Findings): readonly StandingCheck[] {
  const { interval, failAfter = FAIL_AFTER, severity = 'critical' } = document.value as unknown as Written
  if (!spec) return []
  const after = typeof failAfter === 'number' ? { failures: failAfter, of: failAfter } : failAfter
  const wrong = wrongStanding(document.value, after)
  if (wrong) findings.error(document, wrong.pointer, wrong.message)
  if (wrong || interval === undefined) return []
  return [{ app, name, spec, intervalMs: parseDuration(interval), failAfter: after, severity }]
}

function wrongStanding(
  value: Document['value'],
  { failures, of }: StandingCheck['failAfter'],
): { readonly pointer: string; readonly message: string } | undefined {
  const { interval } = value as unknown as Written
  if (interval === undefined) {
    const idle = ['failAfter', 'severity'].find((field) => field in value)
    return idle === undefined
      ? undefined
      : { pointer: `/${idle}`, message: 'means something only with an `interval`: without one this is a gate' }
  }
  if (parseDuration(interval) < LEAST_INTERVAL_MS) return { pointer: '/interval', message: 'must be at least 1s' }
  if (failures <= of) return undefined
  return { pointer: '/failAfter/failures', message: `of ${of} attempts no ${failures} can fail` }
}

/** Fills the defaults of a written check; mistakes are `NormalizeProblem` with pointers below `pointer`. */
export type NormalizeCheck = (
  written: unknown,
  context: { readonly name: string; readonly pointer: string; readonly target: string | undefined },
) => CheckSpec

/** The `Check` documents of the fleet. Their names need to differ only within an app. */
export interface Checks {
  gatesOf(app: string): readonly CheckSpec[]
  /** `keeper.checks` of a document: inline, or `Check/name`. @throws NormalizeProblem */
  ofDocument(document: Document, target: string): readonly CheckSpec[]
  /** Those with an interval. */
  readonly standing: readonly StandingCheck[]
}

interface NamedCheck {
  readonly document: Document
  readonly app: string
  readonly name: string
  readonly spec: CheckSpec | undefined
}

export function readChecks(input: {
  readonly documents: readonly Document[]
  readonly targets: Targets
  readonly normalizeCheck: NormalizeCheck
  readonly catalogue: Catalogue
  readonly findings: Findings
  /** Of these, what is wrong was reported. */
  readonly unusable: readonly Document[]
}): Checks {
  const { targets, catalogue, findings } = input
  const written = input.documents.filter((document) => document.kind === 'Check' && document.app !== undefined)
  const byKey = groupBy([...written].sort(byOrigin), (document) => `${document.app}/${document.name}`)
  const sound = [...byKey.values()].flatMap(([first, ...others]) => {
    for (const other of others) if (first) refuseTwice(first, other)
    return first ? [readCheck(first)] : []
  })
  const unusable = input.unusable.flatMap((document): readonly NamedCheck[] => {
    const { kind, app, name = '' } = document
    return kind === 'Check' && app !== undefined ? [{ document, app, name, spec: undefined }] : []
  })
  const named = [
    ...sound,
    ...unusable.filter((check) => !sound.some(({ app, name }) => app === check.app && name === check.name)),
  ]
  return {
    gatesOf: (app) =>
      named
        .filter((check) => check.app === app)
        .flatMap((check) => (check.spec ? [check.spec] : []))
        .sort((a, b) => compareText(a.name, b.name)),
    standing: sound.flatMap((check) => standingOf(check, findings)),
    ofDocument: (document, target) =>
      (keeperOf(document.value).checks ?? []).flatMap((check, index) => ofEntry(check, index, document, target)),
  }

  function normalizeCheck(...[written, context]: Parameters<NormalizeCheck>): CheckSpec {
    const spec = input.normalizeCheck(written, context)
    const { probe } = spec
    if ((probe.type === 'promql' || probe.type === 'alerts') && probe.target !== undefined) {
      const problem = problemOfTarget(probe.target, 'Prometheus', targets)
      if (problem !== undefined) throw new NormalizeProblem(`${context.pointer}/${probe.type}/target`, problem)
    }
    if (probe.type !== 'command') return spec
    const { target, networks } = probe
    networks.forEach((name, index) => {
      if (catalogue.entries.has(addressOf(target, 'Network', name)) || name === 'host') return
      const found = resolveReference(`${target}/Network/${name}`, { target }, catalogue)
      const at = `${context.pointer}/command/networks/${index}`
      if ('problem' in found) throw new NormalizeProblem(at, found.problem)
      if ('broken' in found) throw new NormalizeProblem(at, declaredWithErrors(`Network/${name}`, found.broken))
    })
    return spec
  }

  function refuseTwice(first: Document, other: Document): void {
    const where = whereIs(first.position(''))
    findings.error(other, '/name', `Check/${other.name} is already declared in this app, at ${where}`)
  }

  function readCheck(document: Document): NamedCheck {
    const check = { document, app: document.app ?? '', name: document.name ?? '' }
    const chosen = chooseTarget(document.value.target, targets)
    if ('problem' in chosen && 'target' in document.value) {
      findings.error(document, '/target', chosen.problem)
      return { ...check, spec: undefined }
    }
    const target = 'target' in chosen ? chosen.target : undefined
    try {
      return { ...check, spec: normalizeCheck(document.value, { name: `Check/${check.name}`, pointer: '', target }) }
    } catch (error) {
      if (!(error instanceof NormalizeProblem)) throw error
      findings.error(document, error.pointer, error.message)
      return { ...check, spec: undefined }
    }
  }

  function ofEntry(check: unknown, index: number, document: Document, target: string): readonly CheckSpec[] {
    const pointer = `/keeper/checks/${index}`
    if (typeof check === 'string') return findCheck(check, pointer, document.app ?? '')
    const own = (check as { readonly name?: string }).name
    const name = own ?? `${document.name} check ${index + 1}`
    return [normalizeCheck(check, { name, pointer, target })]
  }

  /** Of the same app if it has one of this name, else the only one of the fleet. */
  function findCheck(reference: string, pointer: string, app: string): readonly CheckSpec[] {
    const name = reference.replace(/^Check\//, '')
    const candidates = named.filter((check) => check.name === name)
    const found = candidates.find((check) => check.app === app) ?? (candidates.length === 1 ? candidates[0] : undefined)
    if (found?.spec) return [found.spec]
    if (found && found.app === app) return [] // reported where it is written
    if (found) throw new NormalizeProblem(pointer, `Check/${name} of the app '${found.app}' has errors`)
    if (candidates.length > 1)
      throw new NormalizeProblem(pointer, `several apps have a Check/${name}; write the check here`)
    const meant = didYouMean(
      reference,
      named.map((check) => `Check/${check.name}`),
    )
    throw new NormalizeProblem(pointer, `no document declares '${reference}'${meant}`)
  }
}
