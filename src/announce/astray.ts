import type { View } from '../engine/view.ts'

/** Another history that nobody confirmed yet: with its confirmation it is the one that counts (rule 13). */
export const astrayIn = ({ store, look }: Pick<View, 'store' | 'look'>): string | undefined =>
  store.fleet().lastApplied === look.revision ? undefined : look.astray
