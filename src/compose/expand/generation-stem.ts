import { createHash } from 'node:crypto'

/** Live names of secrets and configs have 64 characters, of which a generation takes 13. */
const ROOM = 51

/** What generations of this name begin with: shortened where it has to be, and then with a word of its own at the end. */
export function generationStem(name: string): string {
  if (name.length <= ROOM) return name
  const own = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${name.slice(0, ROOM - own.length - 1)}_${own}`
}
