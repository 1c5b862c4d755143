// @ts-check
import { readFileSync, writeFileSync } from 'node:fs'

const LIMIT = '/proc/sys/fs/inotify/max_user_instances'
const NEEDED = 1024

/**
 * Each host of the lab has a systemd of its own, which takes four of these; Debian grants all of root's 128. Returns what
 * puts the limit back.
 * @param {(line: string) => void} say
 * @returns {() => void}
 */
export function raiseInotify(say) {
  try {
    const before = readFileSync(LIMIT, 'utf8').trim()
    if (Number(before) >= NEEDED) return () => {}
    writeFileSync(LIMIT, String(NEEDED))
    say(`fs.inotify.max_user_instances is ${NEEDED} instead of ${before} while the tests run`)
    return () => writeFileSync(LIMIT, before)
  } catch (error) {
    // Without root there are no hosts either.
    say(`fs.inotify.max_user_instances stays: ${error instanceof Error ? error.message : String(error)}`)
    return () => {}
  }
}
