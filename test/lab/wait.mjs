// @ts-check
// Waiting for the real world: asks again until it is so, and says what it saw last when it never is.

/**
 * @template T
 * @param {string} what completes "gave up waiting for …"
 * @param {() => Promise<T | undefined | false> | T | undefined | false} probe truthy ends the wait; a throw counts as not yet
 * @param {{timeoutMs?: number, everyMs?: number, giveUp?: () => string | undefined}} [options]
 *   `giveUp` ends the wait early with a reason
 * @returns {Promise<T>}
 */
export async function waitUntil(what, probe, { timeoutMs = 30_000, everyMs = 50, giveUp } = {}) {
  const deadline = performance.now() + timeoutMs
  /** @type {unknown} */
  let last
  for (;;) {
    try {
      const found = await probe()
      if (found) return found
      last = 'not yet'
    } catch (error) {
      last = error
    }
    const reason = giveUp?.()
    if (reason !== undefined) throw new Error(`gave up waiting for ${what}: ${reason}`, { cause: last })
    if (performance.now() > deadline) {
      throw new Error(`gave up waiting for ${what} after ${timeoutMs} ms: ${String(last)}`, { cause: last })
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}
