import type { ResourceId } from '../model/id.ts'
import type { Departure } from '../model/outcome.ts'
import { headsOf } from './on-hosts.ts'
import type { Paint } from './paint.ts'
import { oneLine, printable, shortRevision } from './printable.ts'

/** Why something is not as the revision declares: `held back at last good: 1a2b3c4d5e6f failed: TaskFailed: …`. */
export function departureWords(departure: Departure): string {
  const { why, message, by, folder } = departure
  const said = message === '' ? '' : `: ${message}`
  const revision = shortRevision(departure.revision ?? '')
  switch (why) {
    case 'held-back': {
      const where = departure.keptAt === 'as-it-is' ? 'held back as it is' : 'held back at last good'
      return oneLine(`${where}: ${revision} failed${said}`)
    }
    case 'pinned':
      return printable(`pinned by ${by} to ${folder === undefined ? revision : `the folder ${folder}`}${said}`)
    case 'suspended':
      return printable(`suspended by ${by} until ${shortTime(departure.until)}${said}`)
    case 'budget':
      // It says which budget, what was spent of what, and how long.
      return printable(`at rest for ${message}; since ${shortTime(departure.at)}`)
  }
}

const shortTime = (time: string | undefined): string | undefined => time?.replace(/\.\d+Z$/, 'Z')

/** What stands elsewhere than the revision says, in one line where it is one resource, and what ends it. */
export function renderDeparture(departure: Departure, paint: Paint): readonly string[] {
  const [only, second] = departure.ids
  const single = departure.why === 'held-back' && only !== undefined && second === undefined
  const words = departureWords(departure)
  return [
    single
      ? `  ${paint.careful('!')} ${only}  ${paint.careful(shortened(words, only))}`
      : `  ${paint.careful(`! ${words}`)}`,
    ...(single ? [] : headsOf(departure.ids).map((head) => `      ${head}`)),
    wayOut(departure, paint),
  ]
}

/** The same where one resource is asked about: it is not named again. */
export function renderDepartureOf(id: ResourceId, departure: Departure, paint: Paint): readonly string[] {
  const words = shortened(departureWords(departure), id)
  const text = departure.ids.includes(id) ? words : `its app is ${words}; that changes nothing of this`
  return [`  ${paint.careful(`! ${text}`)}`, wayOut(departure, paint)]
}

const shortened = (words: string, id: ResourceId): string => words.replace(`: ${id}: `, ': ')

const wayOut = ({ todo }: Departure, paint: Paint): string => `    ${paint.accent('=>')} ${printable(todo)}`
