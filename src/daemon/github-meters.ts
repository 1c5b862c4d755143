import type { GitHub } from '../model/github.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** The same metrics, which bring what the client has counted at each scrape. */
export function withGitHub(metrics: Metrics, github: GitHub): Pick<Metrics, 'contentType' | 'text' | 'requested'> {
  const publish = publisher(github, metrics)
  return {
    ...metrics,
    text: () => {
      publish()
      return metrics.text()
    },
  }
}

function publisher(github: GitHub, metrics: Pick<Metrics, 'called' | 'rateLimit'>): () => void {
  const counted = new Map<string, number>()
  return () => {
    for (const [key, count] of github.calls()) {
      const [operation = '', status = ''] = key.split(' ')
      for (let n = counted.get(key) ?? 0; n < count; n += 1) {
        metrics.called({ api: 'github', operation, status: Number(status) || 0 })
      }
      counted.set(key, count)
    }
    const { remaining } = github.rateLimit()
    if (remaining !== undefined) metrics.rateLimit({ api: 'github', resource: 'core', remaining })
  }
}
