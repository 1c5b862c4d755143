import type { Sink } from '../model/message.ts'
import type { ChatRoute } from '../settings/settings.ts'
import { createDiscordSink } from './discord.ts'
import type { ChatContext } from './sink-context.ts'
import { createSlackSink } from './slack.ts'
import { createSlackWebhookSink } from './slack-webhook.ts'
import { createWebhookSink } from './webhook.ts'

/** One sink for each route, `chat:NAME`; their messages' bodies are `IncidentBody`. */
export function createChatSinks(routes: readonly ChatRoute[], context: ChatContext): readonly Sink[] {
  return routes.map((route) => createSink(route, context))
}

function createSink(route: ChatRoute, context: ChatContext): Sink {
  if (route.type === 'slack') return createSlackSink(route, context)
  if (route.type === 'webhook') return createWebhookSink(route, context)
  return route.type === 'discord' ? createDiscordSink(route, context) : createSlackWebhookSink(route, context)
}
