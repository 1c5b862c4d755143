#!/bin/sh
# Has the backend do an agent's work: `once` for one run of a schedule, `serve` for every line that is asked of it.
set -eu
backend=${BACKEND:-http://127.0.0.1:47300}

ask() { # $1: what is asked for, beside its instructions
  jq -n --rawfile text "$AGENT_INSTRUCTIONS_FILE" --arg asked "$1" \
    '{task: ($text + $asked), context: {agent: env.AGENT_NAME, tools: env.AGENT_TOOLS}, preferences: {chat_model: env.AGENT_MODEL}}' |
    curl -fsS --max-time 600 -H "Authorization: Bearer $ZERG_TOKEN" -H 'content-type: application/json' \
      -d @- "$backend/api/jarvis/supervisor"
}

if [ "$1" = once ]; then
  ask ''
  exit 0
fi
inbox=$RUNTIME_DIRECTORY/inbox
[ -p "$inbox" ] || mkfifo -m 0660 "$inbox"
# Open for writing as well: it is never at its end.
while read -r asked; do ask "$asked" || echo "not answered: $asked" >&2; done <>"$inbox"
