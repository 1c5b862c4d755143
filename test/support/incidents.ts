import type { Incident, IncidentBody } from '../../src/model/incident.ts'

const incidentOf = (over: Partial<Incident> = {}): Incident => ({
  key: 'failed:web',
  type: 'failed',
  severity: 'critical',
  app: 'web',
  title: 'web: rolled back, the health check of prod/Service/web failed',
  lines: ['GET /healthz answered 500 for 30 s', 'image: web:1.4 -> web:1.5', '[web.1] panic: no database'],
  command: 'swarmkeeper retry web',
  ...over,
})

export const openOf = (over: Partial<Incident> = {}): IncidentBody => ({
  incident: incidentOf(over),
  state: 'open',
  since: '2026-01-01T02:10:00.000Z',
})

export const resolvedOf = (over: Partial<Incident> = {}): IncidentBody => ({
  ...openOf(over),
  state: 'resolved',
  resolvedAt: '2026-01-01T02:44:00.000Z',
})
