import type { PlacedSpec } from '../../kinds/ownership.ts'
import { quoteWords } from '../../shell/words.ts'

/** A word of the script. What is meant to be followed is where it leads to: the symlink stays. */
export const pathWord = ({ path, symlinks }: Pick<PlacedSpec, 'path' | 'symlinks'>): string =>
  symlinks === 'follow' ? `"$(realpath -m -- ${quoteWords([path])})"` : quoteWords([path])
