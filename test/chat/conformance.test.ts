import { describeSink } from '../conformance/sink.ts'
import { discordWorld, slackWebhookWorld, slackWorld, webhookWorld } from './worlds.ts'

describeSink('Discord', discordWorld, { edits: true, nonsense: 'later' })
describeSink('Slack, by a bot', slackWorld, { edits: true, nonsense: 'later' })
describeSink('Slack, by an incoming webhook', slackWebhookWorld, { edits: false, nonsense: 'later' })
describeSink('a plain webhook', webhookWorld, { edits: false, nonsense: 'sent' })
