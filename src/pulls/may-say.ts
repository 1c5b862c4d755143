import type { GitHub, PullComment } from '../model/github.ts'
import type { CallOptions } from '../model/target.ts'

/**
 * New, as it was written, and by a person: what was edited since may be by another hand, and is not what the others read
 * (SEC-13). `from`: ISO time since when we listen.
 */
export const isSaid = ({ createdAt, updatedAt, authorType }: PullComment, from: string): boolean =>
  authorType === 'User' && createdAt === updatedAt && Date.parse(createdAt) >= wholeSeconds(from)

/** GitHub's times have no fractions. */
const wholeSeconds = (time: string): number => Math.floor(Date.parse(time) / 1000) * 1000

const MAY_WRITE: ReadonlySet<string> = new Set(['admin', 'write'])

/** Somebody who could have pushed it as well; never ourselves, whose comments show what others wrote. */
export async function maySay({ author }: PullComment, github: GitHub, options: CallOptions): Promise<boolean> {
  if (author.trim() === '') return false
  const own = await github.ownLogin(options)
  if (author.toLowerCase() === own.toLowerCase()) return false
  return MAY_WRITE.has(await github.permissionOf(author, options))
}
