import type { PullCommand } from './parse-command.ts'

/** A command that somebody may say, as it is kept on the shelf `command` by the comment's id, so that it is done once. */
export interface KeptCommand {
  readonly comment: number
  readonly pull: number
  readonly author: string
  /** ISO time of the comment. */
  readonly at: string
  readonly command: PullCommand
  /**
   *   waiting --begun--> running --ended--> done
   *   running --killed, and started again--> waiting
   */
  readonly state: 'waiting' | 'running' | 'done'
}

/** Comments until this ISO time were read; on the same shelf, as `since`. */
export interface ReadUntil {
  readonly since: string
  /** ISO time since when we listen. */
  readonly from: string
}
