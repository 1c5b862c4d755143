import { plural } from './printable.ts'

/** What was found again where the database knew nothing: `214 resources recognised, 1 hold and 1 pin restored`. */
export function recognisedWords(found: {
  readonly resources: number
  readonly holds: number
  readonly pins: number
  readonly suspensions: number
}): string {
  const restored = [
    found.holds > 0 ? plural(found.holds, 'hold') : '',
    found.pins > 0 ? plural(found.pins, 'pin') : '',
    found.suspensions > 0 ? plural(found.suspensions, 'suspension') : '',
  ].filter((part) => part !== '')
  const state = restored.length > 0 ? `, ${restored.join(' and ')} restored` : ''
  return `${plural(found.resources, 'resource')} recognised${state}`
}
