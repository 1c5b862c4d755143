import { quoteWords } from '../../../shell/words.ts'
import { ASKER, FIND_PYTHON } from './carrier.ts'
import { requestOf } from './http-call.ts'
import { addressOf, authorizationOf, type Supervisor, socketOf } from './reach.ts'
import { writeCall } from './xml-rpc.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Words of sh that print what supervisord answers to a call, from on the host, or why nothing does. */
export function askWords(supervisor: Supervisor, body: string): string {
  const request = requestOf({ headers: [...authorizationOf(supervisor), 'Connection: close'], body })
  const asker = `timeout 60 $python -c ${quoteWords([ASKER, placeOf(supervisor)])} 2>&1`
  return `${FIND_PYTHON}printf %s ${base64(request)} | base64 -d | ${asker}`
}

function placeOf(supervisor: Supervisor): string {
  const socket = socketOf(supervisor)
  if (socket !== undefined) return socket
  const { host, port } = addressOf(supervisor)
  return `${host}:${port}`
}

/**
 * After the file is written, in the same script: neither a kill of ours nor a cut of the network leaves a file there that
 * supervisord refuses, and would not start with. 92 is CANT_REREAD (supervisor xmlrpc.py).
 */
export function guardWords(supervisor: Supervisor, takeBack: readonly string[]): readonly string[] {
  return [
    `reread() {\n${askWords(supervisor, writeCall('supervisor.reloadConfig', []))} | tr '\\n' ' ' || :\n}`,
    'answer=$(reread)',
    "case $answer in *'<int>92</int>'*)",
    ...takeBack,
    "case $(reread) in *'<int>92</int>'*) then='is back, and it still does' ;; *) then='is back' ;; esac",
    `why=$(printf %s "$answer" | sed 's/.*CANT_REREAD: //; s|</string>.*||; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\\&/g')`,
    'echo "supervisord refuses its files: $why; the file before $then" >&2',
    'exit 1',
    ';; esac',
  ]
}
