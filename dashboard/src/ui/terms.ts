/** The terms the glossary explains: where each belongs and the standard its meaning follows. Words: `help.term.*`. */

const ISO_20000 = 'ISO/IEC 20000-1:2018';
const ISO_20000_INCIDENT = 'ISO/IEC 20000-1:2018, 8.6.1';
const ISO_20000_AVAILABILITY = 'ISO/IEC 20000-1:2018, 8.7.1';
const ISO_20000_CONFIGURATION = 'ISO/IEC 20000-1:2018, 8.2.6';
const ISO_20000_CAPACITY = 'ISO/IEC 20000-1:2018, 8.4.3';
const ISO_19770 = 'ISO/IEC 19770-1:2017';
const ITIL = 'ITIL 4';
const IEC_192 = 'IEC 60050-192';

export const TERM_GROUPS = [
  'presence',
  'availability',
  'alarms',
  'incidents',
  'records',
  'capacity',
  'setUp',
] as const;
export type TermGroup = (typeof TERM_GROUPS)[number];

/** In the order of the glossary. `source` null: a word of this product. */
export const TERMS = {
  presence: { group: 'presence', source: null },
  up: { group: 'presence', source: IEC_192 },
  asleep: { group: 'presence', source: null },
  off: { group: 'presence', source: null },
  planned: { group: 'presence', source: null },
  silent: { group: 'presence', source: null },
  unknown: { group: 'presence', source: null },
  witness: { group: 'presence', source: null },
  availability: { group: 'availability', source: ISO_20000_AVAILABILITY },
  coverage: { group: 'availability', source: null },
  agreedTime: { group: 'availability', source: ISO_20000_AVAILABILITY },
  outage: { group: 'availability', source: ITIL },
  plannedDowntime: { group: 'availability', source: ITIL },
  mtbf: { group: 'availability', source: IEC_192 },
  mtrs: { group: 'availability', source: ITIL },
  revised: { group: 'availability', source: null },
  evidence: { group: 'availability', source: null },
  event: { group: 'alarms', source: ITIL },
  alert: { group: 'alarms', source: ITIL },
  threshold: { group: 'alarms', source: ITIL },
  clearLevel: { group: 'alarms', source: null },
  breach: { group: 'alarms', source: null },
  flapping: { group: 'alarms', source: null },
  severity: { group: 'alarms', source: null },
  heldBack: { group: 'alarms', source: null },
  backTest: { group: 'alarms', source: null },
  incident: { group: 'incidents', source: ISO_20000 },
  priority: { group: 'incidents', source: ISO_20000_INCIDENT },
  impact: { group: 'incidents', source: ISO_20000_INCIDENT },
  urgency: { group: 'incidents', source: ISO_20000_INCIDENT },
  sla: { group: 'incidents', source: ISO_20000 },
  take: { group: 'incidents', source: null },
  workaround: { group: 'incidents', source: ITIL },
  resolve: { group: 'incidents', source: ISO_20000_INCIDENT },
  verified: { group: 'incidents', source: null },
  ci: { group: 'records', source: ISO_20000 },
  cmdb: { group: 'records', source: ITIL },
  ciClass: { group: 'records', source: ISO_20000_CONFIGURATION },
  attribute: { group: 'records', source: ISO_20000_CONFIGURATION },
  source: { group: 'records', source: null },
  relation: { group: 'records', source: ISO_20000_CONFIGURATION },
  lifecycle: { group: 'records', source: ISO_19770 },
  criticality: { group: 'records', source: null },
  owner: { group: 'records', source: ISO_19770 },
  assetNumber: { group: 'records', source: ISO_19770 },
  inventory: { group: 'records', source: null },
  merge: { group: 'records', source: null },
  change: { group: 'records', source: ITIL },
  capacityRegister: { group: 'capacity', source: ISO_20000_CAPACITY },
  daysToThreshold: { group: 'capacity', source: null },
  forecast: { group: 'capacity', source: ISO_20000_CAPACITY },
  noTrend: { group: 'capacity', source: null },
  agent: { group: 'setUp', source: null },
  enrolmentToken: { group: 'setUp', source: null },
  approval: { group: 'setUp', source: null },
  revoke: { group: 'setUp', source: null },
  serverKey: { group: 'setUp', source: null },
  clockSkew: { group: 'setUp', source: null },
  role: { group: 'setUp', source: null },
  apiToken: { group: 'setUp', source: null },
  auditLog: { group: 'setUp', source: null },
} as const satisfies Record<string, { readonly group: TermGroup; readonly source: string | null }>;

export type TermId = keyof typeof TERMS;

export const TERM_IDS = Object.keys(TERMS) as readonly TermId[];
