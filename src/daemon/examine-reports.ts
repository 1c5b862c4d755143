import { examineChat } from '../chat/examine-chat.ts'
import { createGitHub } from '../github/create-github.ts'
import { examineGitHub } from '../github/examine-github.ts'
import type { Clock } from '../model/clock.ts'
import type { AskOptions, DoctorFinding } from '../model/engine.ts'
import type { Settings } from '../settings/settings.ts'

/** What `doctor` says of GitHub, the chats and the tokens of the API. */
export async function examineReports(
  settings: Settings,
  context: { readonly clock: Clock; readonly fetch: typeof fetch },
  ask: AskOptions,
): Promise<readonly DoctorFinding[]> {
  const { github, chat, repository, tokens } = settings
  const hooks = (github?.webhookSecrets.length ?? 0) > 0
  return [
    ...(github ? await examineGitHub(createGitHub(github, context), { branch: repository.branch, hooks }, ask) : []),
    ...(await examineChat(chat, context, ask)),
    ...(tokens.length === 0 ? [] : [{ subject: 'tokens', level: 'ok', message: tokensOf(settings) } as const]),
  ]
}

const tokensOf = ({ tokens }: Settings): string =>
  tokens.map(({ name, scopes }) => `${name} (${scopes.join(', ')})`).join(', ')
