import type { AppState } from '../model/app-state.ts'
import type { FleetState } from '../model/store.ts'

/** What is remembered of an app that was never seen. */
export const blankApp = (app: string): AppState => ({ app, failures: 0, restarts: {} })

export const BLANK_FLEET: FleetState = { targets: {}, confirmed: [], drift: {} }
