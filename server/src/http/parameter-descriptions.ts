/**
 * What each parameter of the API means, for the OpenAPI document. Apart from the schemas in `shared`, which the dashboard
 * loads with its first page. Pure.
 */
import type { Endpoint } from '@muster/shared/api/endpoint.ts';

/** What `:id` names, by the step of the path before it. */
export const NAMED_BY_ID: Readonly<Record<string, string>> = {
  agents: 'the agent',
  'api-tokens': 'the API token',
  assets: 'the configuration item that is the asset',
  assignments: 'the handing-out',
  baselines: 'the baseline',
  calendars: 'the calendar',
  changes: 'the change',
  'ci-attributes': 'the attribute',
  'ci-classes': 'the class',
  cis: 'the configuration item',
  'enrolment-tokens': 'the enrolment token',
  findings: 'the finding',
  'identity-pins': 'the pin',
  'identity-reviews': 'the identity question',
  imports: 'the import',
  'intake-sites': 'the site',
  'junk-values': 'the junk value',
  licences: 'the licence',
  machines: 'the machine',
  'maintenance-windows': 'the maintenance window',
  mappings: 'the mapping',
  merges: 'the merge',
  'notification-channels': 'the notification channel',
  'presence-suggestions': 'the suggestion',
  reclassifications: 'the judgement',
  relations: 'the relation',
  rollouts: 'the rollout',
  rules: 'the rule',
  services: 'the service',
  sessions: 'the session',
  software: 'the product',
  'software-rules': 'the rule of software',
  stocktakes: 'the stock-take',
  targets: 'the availability target',
  users: 'the user',
  views: 'the view',
};

/** Names that mean the same wherever they stand. */
export const EVERYWHERE: Readonly<Record<string, string>> = {
  cursor: 'The `nextCursor` of the page before; without it the first page.',
  limit: 'Items of a page at most.',
  from: 'Begin of the period: ISO 8601 with an offset or Z.',
  to: 'End of the period: ISO 8601 with an offset or Z.',
  class: 'Only this class.',
  site: 'Only this site; empty: those without one.',
  tag: 'Only those with this tag.',
  owner: 'Only those of this owner; empty: those without one.',
  lifecycle: 'Only those in this state of their life.',
  ci: 'Only those of the configuration item with this id.',
  metric: 'Name of a metric in the catalogue (`/metrics/catalogue`).',
  instance: 'Only this instance, e.g. a mount point or an interface.',
  instancePattern: 'Only instances that fit: `*` stands for any text, `?` for one character.',
  formula:
    'How planned work and time of which nothing is known count. `known-time`: what is unknown and planned work are left out. `ham`: what is unknown counts as up, planned work is left out. `spm`: both count as up.',
  reclassified: '`no`: as the record says, without the judgements of people.',
  fields: 'Names of attributes to return, separated by commas.',
  own: '`1`: only of the item itself, not of its parts.',
  ignore:
    'Names of attributes that the comparison leaves out, separated by commas; where it is not given, those that always differ.',
  model: 'Only machines of this model.',
};

/** What only one endpoint takes, or takes in another meaning: by `<endpoint>.<parameter>`. */
export const OF_ONE: Readonly<Record<string, string>> = {
  'putAssetSetting.class': 'Class of configuration items the setting is for.',
  'ciSection.section': 'Section of the inventory report.',
  'endOtherSessions.includingThis': '`true`: the session that asks ends too.',
  'listAudit.action': 'Only this action, as the entries name it.',
  'listAudit.actor': 'Only what this actor did, as the entries name it, e.g. `user:admin`.',
  'listAudit.subject': 'Only what was done to the thing with this id.',
  'listHistory.actor': 'Only what this actor did, e.g. `user:admin`.',
  'listHistory.attribute':
    'Only this attribute; `software` and `relation` stand for all packages and all relations.',
  'listHistory.cause': 'Only what the change record with this id announced.',
  'listHistory.ciId': 'Only of the configuration item with this id; of a machine with its parts.',
  'listHistory.kind': 'Only changes of this kind.',
  'listHistory.source': 'Only changes from this source.',
  'listHistory.q': 'Part of the name of what changed, or of the attribute.',
  'listFindings.kind': 'Only findings of this kind.',
  'listFindings.state': 'Only findings in this state.',
  'listDeliveries.channel': 'Only deliveries of the notification channel with this id.',
  'listAgents.state': 'Only agents in this state.',
  'deleteRelease.serial': 'Number of the release.',
  'listRolloutAgents.state': 'Only agents in this state.',
  'listRolloutAgents.ring': 'Only agents of this ring.',
  'listAgents.label':
    'Only agents of machines to which a group of the agent configuration gives this label: `name=value`, or a name for any value.',
  'listAgents.enrolledSince': 'Only agents that enrolled at or after this time.',
  'listIdentityReviews.state': '`all`: also the questions that are answered.',
  'mergePreview.keep': 'Id of the item that stays.',
  'mergePreview.others': 'Ids of the items that become part of it, separated by commas.',
  'listCis.class':
    'Only this class of machines, parts or records, own classes too; all machines where it is not given.',
  'listCis.q': 'Part of name, serial number, address or MAC.',
  'listCis.presence': 'Only machines with this presence.',
  'listCis.source': 'Only those that hold a value from this source.',
  'listCis.staleDays': 'Only those that no report has confirmed for so many days.',
  'listCis.software': 'Only machines on which a package of exactly this name is installed.',
  'listCis.evidence':
    '`1`: with the time of the last report that confirms each, and the total on the first page.',
  'ciRelations.steps': 'How many steps away from the item.',
  'ciRelations.at': 'Relations that held then; without it those that hold now.',
  'ciRelations.ended': '`1`: also its own that have ended, after those that hold.',
  'ciSoftware.q': "Part of the package's name.",
  'ciAsOf.at': 'The item as it was at this time.',
  'cmdbAsOf.at': 'All items as they were at this time.',
  'cmdbAsOf.q': 'Part of name or asset number.',
  'previewRestore.at': 'The time whose values would come back.',
  'drift.baseline': 'Id of the baseline to compare with; either this or `from`.',
  'drift.from': 'Compare with how it was at this time; either this or `baseline`.',
  'drift.to': 'Compare how it was at this time; now where it is left out.',
  'drift.kind': 'Only differences of this kind.',
  'drift.q': 'Part of what differs: of item, part or attribute.',
  'drift.ids': 'Ids of the items to compare, separated by commas.',
  'peerDrift.kind': 'Only differences of this kind.',
  'peerDrift.q': 'Part of what differs: of item, part or attribute.',
  'peerDrift.ids': 'Ids of the items to compare with each other, separated by commas.',
  'listAssets.filter':
    'Only assets whose warranty ends within 90 days, is over or was not entered, that are due to be replaced, or that have no number.',
  'listAssets.label':
    'Only machines to which a group of the agent configuration gives this label: `name=value`, or a name for any value.',
  'listAssets.q':
    'Part of name, asset number, serial number, manufacturer, model, supplier, user or location.',
  'findAsset.number': 'Asset number, as it stands on the label.',
  'listAssignments.person': 'Only what the person with this id was handed.',
  'listAssignments.state': '`open`: not given back. `overdue`: and the day has passed.',
  'listImportRows.outcome': 'Only rows that came to this.',
  'listChanges.state': 'Only changes in this state.',
  'listSoftware.q': 'Part of the name of a product or its publisher.',
  'listSoftware.source': 'Only what this package manager or list of programs names.',
  'listSoftware.outdated': '`1`: only products with installations that are not of the newest version.',
  'listSoftware.sort': 'Order: by name, or the most installations, outdated ones or versions first.',
  'getAgentConfigVersion.version': 'Number of the version; 0 is what holds before the first.',
  'restoreAgentConfig.version': 'Number of the version whose contents come back.',
  'listSoftwareInstalls.version': 'Only installations of this version.',
  'metricRange.ci':
    'Id of a machine; may stand several times. Needed without `group`; with it, all machines where it is left out.',
  'metricRange.points':
    'Points of a line at most; more samples are joined to buckets of average, lowest and highest.',
  'metricRange.group': 'Joins machines to a line for each class, tag or location.',
  'metricRange.aggregate': 'How machines are joined; their average where it is left out.',
  'metricQuantiles.ci': 'Id of the machine.',
  'metricQuantiles.q': 'Shares from 0 to 1, separated by commas.',
  'topMetrics.n': 'How many machines.',
  'topMetrics.from':
    'With `to`: machines are ranked by their mean from this time on, not by the latest value.',
  'topMetrics.to': 'With `from`: end of the time of the mean.',
  'machineStrips.ids': 'Ids of machines, separated by commas.',
  'listMaintenanceWindows.show':
    'Only windows that run now, are to come once, recur, or are over; what recurs is not among those to come.',
  'listAlerts.state': 'Only alerts in this state; `live`: all that are not resolved.',
  'listAlerts.quiet': 'Only alerts, not resolved, that nobody is told of for this reason.',
  'listAlerts.severity': 'Only alerts of this severity.',
  'listAlerts.rule': 'Only alerts of the rule with this id.',
  'listAlerts.from': 'Only alerts opened at or after this time.',
  'listAlerts.to': 'Only alerts opened before this time.',
  'listAlerts.q': 'Part of the name of rule, metric, instance or machine; case is ignored.',
  'listIncidents.state':
    'Only incidents in this state, or in a group of states: `open`, `unfinished`, `over`.',
  'listIncidents.assignee': 'Only incidents of this user, by name.',
  'listIncidents.unclaimed': '`true`: only incidents that nobody has.',
  'listIncidents.group': 'Only incidents of the team with this id, or name where only that is known.',
  'listIncidents.category': 'Only incidents of this category.',
  'listIncidents.priority': 'Only these priorities, separated by commas, e.g. `1,2`.',
  'listIncidents.q': 'Part of reference, title or machine name; case is ignored.',
  'incidentTimeline.by': 'Only entries of people, or only of the machine.',
  'incidentCandidates.ci': 'Id of the configuration item that the report is about.',
  'incidentCandidates.category': 'Category that the report is given.',
  'incidentCandidates.title': 'What the report says.',
  'incidentTimes.months': 'How many months back, the present one counted.',
  'incidentTimes.timeZone': 'IANA zone in which months begin.',
  'getImpact.ci': 'Ids of the items that fail together, separated by commas.',
  'getMap.class': 'Only these classes, separated by commas.',
  'getMap.service': 'Only what the service or application with this id stands on.',
  'getMap.around': 'Only what lies around the item with this id.',
  'getMap.steps': 'How many steps around it.',
  'getMap.type': 'Only these kinds of relations, separated by commas.',
  'getMap.group':
    'How items are counted together. `auto`: more than 2,000 are, by site, or by class within one. `none`: each stands alone.',
  'search.q': 'What is looked for.',
  'search.limit': 'Hits of each kind at most.',
  'getAvailability.ci': 'Id of the machine or service.',
  'getServiceHours.ci': 'Id of the configuration item.',
  'availabilitySummary.groupBy': 'Groups that get figures of their own.',
  'availabilitySummary.limit': 'Machines of a page at most; 0: only the figures of all and of groups.',
  'availabilitySummary.q': "Part of the machine's name.",
  'availabilitySummary.sort': 'Order of the machines.',
  'availabilitySummary.zone': "IANA zone in which the days begin; the server's own where it is not given.",
  'availabilityOutages.kind':
    '`down`: outages. `unknown`: when nothing is known although the machine was expected.',
  'availabilityOutages.q': "Part of the machine's name.",
  'listReclassifications.state': 'Only judgements in this state.',
  'listPresenceSuggestions.state': 'Only suggestions in this state.',
  'capacityRegister.q': "Part of the machine's name or of the mount point.",
  'capacityRegister.sort':
    'Order. `days`: soonest full first. `used`: fullest first. `growth`: fastest first. `free`: least left first. `name`: by machine.',
  'capacityRegister.state':
    '`full`: nothing is left. `forecast`: full within the horizon. `later`: growing, but not full before the horizon ends. `no-trend`: steady, shrinking or unclear. `waiting`: not enough days yet.',
  'capacityTrend.ci': 'Id of the machine.',
  'capacityTrend.instance': 'Mount point of the file system.',
  'capacityConsumers.by': 'Machines are ranked by their 95th percentile or by their average.',
  'capacityConsumers.limit': 'Machines at most.',
  'capacityConsumers.metric': 'Of which metric.',
  'capacityConsumers.q': "Part of the machine's name.",
  'capacityConsumers.window': 'Over which time up to now.',
  'listIntakeDeliveries.result': 'Only what was taken, or what was refused.',
  'listIntakeDeliveries.site': 'Only deliveries to the address of the site with this id.',
};

/** undefined: nobody has described it yet. */
export function parameterDescription({ id, path }: Pick<Endpoint, 'id' | 'path'>, name: string) {
  return OF_ONE[`${id}.${name}`] ?? (name === 'id' ? idDescription(path) : EVERYWHERE[name]);
}

function idDescription(path: string): string | undefined {
  const collection = /([\w-]+)\/:id/.exec(path)?.[1];
  if (collection === 'incidents') return 'Id of the incident, or its reference, e.g. `INC-0001`.';
  const named = NAMED_BY_ID[collection ?? ''];
  return named && `Id of ${named}.`;
}
