import type { AskOptions, DoctorFinding } from '../model/engine.ts'
import type { ChatRoute } from '../settings/settings.ts'
import { type Answer, call } from './call.ts'
import { type ChatContext, readSecretUrl } from './sink-context.ts'

type Context = Omit<ChatContext, 'install'>

/** Whether each route can be reached, as far as that can be asked without saying anything there. */
export async function examineChat(
  routes: readonly ChatRoute[],
  context: Context,
  ask: AskOptions,
): Promise<readonly DoctorFinding[]> {
  return Promise.all(routes.map((route) => examineRoute(route, context, ask)))
}

async function examineRoute(route: ChatRoute, context: Context, { signal }: AskOptions): Promise<DoctorFinding> {
  const subject = `chat ${route.name}`
  const question = questionOf(route)
  if (question === undefined) return { subject, level: 'ok', message: 'not asked: whatever is posted there is said' }
  const called = await call(question.request, { ...context, signal, secrets: question.secrets })
  signal.throwIfAborted()
  if ('unanswered' in called) {
    const { message = 'no answer' } = called.unanswered as { readonly message?: string }
    return { subject, level: 'error', message, todo: 'check its address and the network from here' }
  }
  const refused = question.refused(called.answer)
  if (refused === undefined) return { subject, level: 'ok', message: 'answers, and knows us' }
  return { subject, level: 'error', message: refused, todo: 'put a valid URL or token of it into the settings' }
}

interface Question {
  readonly request: Parameters<typeof call>[0]
  readonly secrets: readonly string[]
  refused(answer: Answer): string | undefined
}

/** A Discord webhook tells of itself when it is read; Slack has `auth.test`. */
function questionOf(route: ChatRoute): Question | undefined {
  if (route.type === 'discord') {
    const to = readSecretUrl(route.url.revealText())
    const refused = ({ status }: Answer) => (status === 200 ? undefined : `Discord answers ${status}`)
    return to && { request: { method: 'GET', url: to.url }, secrets: to.secrets, refused }
  }
  if (route.type !== 'slack') return undefined
  const token = route.token.revealText().trim()
  const url = new URL('auth.test', `${route.apiUrl.replace(/\/+$/, '')}/`)
  return {
    request: { method: 'POST', url, headers: { authorization: `Bearer ${token}` } },
    secrets: [token],
    refused: ({ status, json }) => (status === 200 && json?.ok === true ? undefined : `Slack says ${wordOf(json)}`),
  }
}

const wordOf = (json: Answer['json']): string =>
  typeof json?.error === 'string' ? json.error.replace(/[^a-z_]/g, '') : 'something else'
