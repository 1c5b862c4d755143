import type { CheckResult } from '../model/check.ts'
import type { Severity } from '../model/incident.ts'

type Labels = Readonly<Record<string, string>>

/** Of alerts that fire, those that have all of these labels; no labels: every one. */
export const matchFiring = <A extends { readonly labels: Labels }>(firing: readonly A[], none: Labels): readonly A[] =>
  firing.filter(({ labels }) =>
    Object.entries(none).every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value),
  )

const MOST_NAMED = 5

/** A probe `alerts: {none}`: passes where none of the alerts that fire has all of the labels. */
export function judgeFiring(
  name: string,
  { firing, none }: { readonly firing: readonly { readonly labels: Labels }[]; readonly none: Labels },
): CheckResult {
  const found = matchFiring(firing, none)
  const wanted = Object.entries(none).map(([label, value]) => `${label}=${value}`)
  const what = wanted.length === 0 ? '' : ` with ${wanted.join(', ')}`
  if (found.length === 0) return { name, ok: true, message: `no alert${what} is firing` }
  const names = [...new Set(found.map(({ labels }) => shownName(labels)))]
  const rest = names.length > MOST_NAMED ? `, and ${names.length - MOST_NAMED} more` : ''
  const count = found.length === 1 ? '1 alert' : `${found.length} alerts`
  return {
    name,
    ok: false,
    message: `${count}${what} ${found.length === 1 ? 'is' : 'are'} firing: ${names.slice(0, MOST_NAMED).join(', ')}${rest}`,
  }
}

/** Labels are text of others: on one line, and no longer than a name is. */
const shownName = ({ alertname = 'without a name' }: Labels): string =>
  alertname.slice(0, 100).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')

const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical']

/** As its label `severity` says, in our words; another word, or none, is a warning. */
export const alertSeverity = ({ severity }: Labels): Severity => SEVERITIES.find((one) => one === severity) ?? 'warning'
