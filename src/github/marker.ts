/**
 * Hidden in a comment of ours, at its very beginning: what tells it apart from our others. Somewhere else in a comment it
 * means nothing, since the rest of it may come from the repository.
 */
export const markerOf = (install: string, what: string): string => `<!-- swarmkeeper:${install}:${what} -->`

export const isMarked = (body: string, marker: string): boolean => body.startsWith(marker)
