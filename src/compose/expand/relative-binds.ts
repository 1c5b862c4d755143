import type { ComposeService } from '../model.ts'
import { shownPath } from './repository.ts'

/**
 * `docker stack deploy` puts relative paths behind the folder that it is run in, and `~` is that person's home. Here
 * nobody runs it anywhere: such a path means nothing on the nodes.
 */
export function bindsOfNowhere(
  { volumes = [] }: ComposeService,
  pointer: string,
): readonly { readonly pointer: string; readonly message: string }[] {
  return volumes.flatMap(({ type, source = '' }, index) => {
    const shown = shownPath(source)
    if (type !== 'bind' || shown === source) return []
    const message =
      `the bind mount of '${shown}' has no absolute path of the node: what the repository holds goes to the nodes as a ` +
      `config, what a service keeps into a volume`
    return [{ pointer: `${pointer}/volumes/${index}`, message }]
  })
}
