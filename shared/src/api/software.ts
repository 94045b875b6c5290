/** Software over all machines: products in one spelling, lists of what may be installed, and licences. */
import { z } from 'zod';
import { MACHINE_CLASSES } from '../cmdb/classes.ts';
import { endpoint, IdParams, IsoTime, listOf, Page } from './endpoint.ts';

export const SOFTWARE_FAMILIES = ['dpkg', 'rpm', 'dotted', 'semver'] as const;
export const SoftwareFamily = z.enum(SOFTWARE_FAMILIES);

export const SoftwareProduct = z.object({
  id: z.string(),
  name: z.string(),
  publisher: z.string().nullable(),
  /** 'dpkg', 'windows' … */
  sources: z.array(z.string()),
  /** A machine with two architectures of it counts twice. */
  installs: z.number(),
  versions: z.number(),
  /** Of the family that most installations are of. */
  newest: z.string(),
  /** Installations older than the newest of their family. */
  outdated: z.number(),
  firstSeenAt: IsoTime,
  /** A person gave it this name. */
  renamed: z.boolean(),
  /** Products that were merged into it. */
  merged: z.array(z.object({ id: z.string(), name: z.string() })),
});
export type SoftwareProduct = z.infer<typeof SoftwareProduct>;

export const SoftwareDetail = SoftwareProduct.extend({
  byVersion: z.array(
    z.object({
      version: z.string(),
      family: SoftwareFamily,
      installs: z.number(),
      /** As reported. */
      packages: z.array(z.string()),
      newest: z.boolean(),
    }),
  ),
});
export type SoftwareDetail = z.infer<typeof SoftwareDetail>;

export const SoftwareInstall = z.object({
  ci: z.object({ id: z.string(), name: z.string(), class: z.string() }),
  package: z.string(),
  version: z.string(),
  publisher: z.string().nullable(),
  source: z.string(),
  firstSeenAt: IsoTime,
  /** When the machine's list of packages was last confirmed; null: not known. */
  lastSeenAt: IsoTime.nullable(),
  /** null: no source tells it. */
  lastUsedAt: IsoTime.nullable(),
});
export type SoftwareInstall = z.infer<typeof SoftwareInstall>;

const Text = z.string().trim().min(1).max(200);
export const VERSION_OPERATORS = ['<', '<=', '=', '>=', '>'] as const;

/** 'deny': what fits is not allowed. 'only': of the machines in scope nothing else is allowed. */
const SoftwareRuleFields = z.object({
  name: Text,
  enabled: z.boolean(),
  mode: z.enum(['deny', 'only']),
  /** None: all. */
  classes: z.array(z.enum(MACHINE_CLASSES)),
  tags: z.array(z.string().trim().min(1).max(64)).max(32),
  /** Only packages of these sources are looked at; none: all. */
  sources: z.array(z.string().max(32)).max(16),
  /** Names of packages or products, with * for any part; none: all. */
  names: z.array(Text).max(2_000),
  /** With * for any part; null: all. */
  publisher: Text.nullable(),
  /** Compared by the family of the package; null: all. */
  version: z
    .object({ operator: z.enum(VERSION_OPERATORS), value: z.string().trim().min(1).max(128) })
    .nullable(),
  reason: z.string().trim().max(2_000),
  severity: z.enum(['warning', 'critical']),
});
export type SoftwareRuleFields = z.infer<typeof SoftwareRuleFields>;
export const SoftwareRule = SoftwareRuleFields.extend({ id: z.string(), open: z.number() });
export type SoftwareRule = z.infer<typeof SoftwareRule>;

/** Machines that are looked at again after a rule was set; null: none are waiting. */
const Progress = z.object({ done: z.number(), total: z.number() }).nullable();

export const LICENCE_METRICS = ['device', 'user', 'core', 'site'] as const;
export const LicenceMetric = z.enum(LICENCE_METRICS);
export type LicenceMetric = z.infer<typeof LicenceMetric>;

const Day = z.iso.date();
const LicenceFields = z.object({
  name: Text,
  licenceNumber: z.string().trim().max(200).nullable(),
  productId: IdParams.shape.id,
  /** Versions that it covers, both included; null: no end. */
  versionFrom: z.string().trim().min(1).max(128).nullable(),
  versionTo: z.string().trim().min(1).max(128).nullable(),
  metric: LicenceMetric,
  /** null: as many as there are; always for a site. */
  quantity: z.int().min(0).max(10_000_000).nullable(),
  /** Both days included; null: no end. */
  startsOn: Day.nullable(),
  endsOn: Day.nullable(),
  warnDays: z.int().min(0).max(730),
  cost: z.number().min(0).nullable(),
  currency: z.string().trim().max(8).nullable(),
  contract: z.string().trim().max(200).nullable(),
  /** It covers only machines, and machines of persons, that are assigned to it (licensedBy). */
  named: z.boolean(),
});
export type LicenceFields = z.infer<typeof LicenceFields>;

export const Licence = LicenceFields.extend({
  /** Of its CI. */
  id: z.string(),
  productName: z.string(),
  state: z.enum(['coming', 'current', 'expiring', 'expired']),
  /** Machines and persons it is assigned to. */
  assigned: z.number(),
  /** Units of it that installations take. */
  used: z.number(),
});
export type Licence = z.infer<typeof Licence>;

/** All licences of one product and metric against what is installed. */
export const Compliance = z.object({
  productId: z.string(),
  productName: z.string(),
  metric: LicenceMetric,
  /** null: without end. */
  entitled: z.number().nullable(),
  installed: z.number(),
  covered: z.number(),
  short: z.number(),
  /** Units that no installation takes; null: without end. */
  spare: z.number().nullable(),
  /** Machines of which the units are not known (no person, no core count). */
  unknown: z.number(),
});
export type Compliance = z.infer<typeof Compliance>;

export const LicenceDetail = Licence.extend({
  assignments: z.array(
    z.object({ relationId: z.string(), id: z.string(), name: z.string(), class: z.string() }),
  ),
  compliance: Compliance,
  /** The first machines without a licence. */
  uncovered: z.array(z.object({ id: z.string(), name: z.string(), version: z.string() })),
});
export type LicenceDetail = z.infer<typeof LicenceDetail>;

export const softwareEndpoints = {
  listSoftware: endpoint({
    id: 'listSoftware',
    method: 'GET',
    path: '/software',
    right: 'read',
    tag: 'software',
    summary: 'Products over all machines; `counting` while the register is being made',
    query: Page.extend({
      q: z.string().trim().max(200).optional(),
      source: z.string().max(32).optional(),
      outdated: z.literal('1').optional(),
      sort: z.enum(['name', 'installs', 'outdated', 'versions']).default('installs'),
    }),
    response: listOf(SoftwareProduct).extend({ total: z.number(), counting: Progress }),
  }),
  getSoftware: endpoint({
    id: 'getSoftware',
    method: 'GET',
    path: '/software/:id',
    right: 'read',
    tag: 'software',
    summary: 'One product with its versions',
    params: IdParams,
    response: SoftwareDetail,
  }),
  listSoftwareInstalls: endpoint({
    id: 'listSoftwareInstalls',
    method: 'GET',
    path: '/software/:id/machines',
    right: 'read',
    tag: 'software',
    summary: 'Where a product is installed, by name of the machine',
    params: IdParams,
    query: Page.extend({ version: z.string().max(128).optional() }),
    response: listOf(SoftwareInstall),
  }),
  nameSoftware: endpoint({
    id: 'nameSoftware',
    method: 'PUT',
    path: '/software/:id/name',
    right: 'cis.write',
    tag: 'software',
    summary: 'Give a product another name; null takes it back',
    params: IdParams,
    body: z.object({ name: Text.nullable() }),
    response: SoftwareDetail,
  }),
  mergeSoftware: endpoint({
    id: 'mergeSoftware',
    method: 'PUT',
    path: '/software/:id/merged-into',
    right: 'cis.write',
    tag: 'software',
    summary: 'Two products are one; null takes it back',
    params: IdParams,
    body: z.object({ into: IdParams.shape.id.nullable() }),
    response: SoftwareDetail,
  }),
  listSoftwareRules: endpoint({
    id: 'listSoftwareRules',
    method: 'GET',
    path: '/software-rules',
    right: 'read',
    tag: 'software',
    summary: 'What may be installed where',
    response: z.object({ items: z.array(SoftwareRule), checking: Progress }),
  }),
  createSoftwareRule: endpoint({
    id: 'createSoftwareRule',
    method: 'POST',
    path: '/software-rules',
    right: 'changes.approve',
    tag: 'software',
    summary: 'Set a rule; machines are looked at again behind it',
    status: 201,
    body: SoftwareRuleFields,
    response: SoftwareRule,
  }),
  updateSoftwareRule: endpoint({
    id: 'updateSoftwareRule',
    method: 'PUT',
    path: '/software-rules/:id',
    right: 'changes.approve',
    tag: 'software',
    summary: 'Set a rule anew; machines are looked at again behind it',
    params: IdParams,
    body: SoftwareRuleFields,
    response: SoftwareRule,
  }),
  deleteSoftwareRule: endpoint({
    id: 'deleteSoftwareRule',
    method: 'DELETE',
    path: '/software-rules/:id',
    right: 'changes.approve',
    tag: 'software',
    summary: 'Take a rule away; its open findings are resolved',
    status: 204,
    params: IdParams,
  }),
  previewSoftwareRule: endpoint({
    id: 'previewSoftwareRule',
    method: 'POST',
    path: '/software-rules/preview',
    right: 'read',
    tag: 'software',
    summary: 'How many machines a rule would find, before it is set',
    audited: false,
    body: SoftwareRuleFields,
    response: z.object({
      machines: z.number(),
      /** Machines that it looks at. */
      of: z.number(),
      examples: z.array(z.object({ ciName: z.string(), package: z.string(), version: z.string() })),
    }),
  }),
  listLicences: endpoint({
    id: 'listLicences',
    method: 'GET',
    path: '/licences',
    right: 'read',
    tag: 'software',
    summary: 'Licences, and whether they are enough for what is installed',
    response: z.object({ items: z.array(Licence), compliance: z.array(Compliance) }),
  }),
  getLicence: endpoint({
    id: 'getLicence',
    method: 'GET',
    path: '/licences/:id',
    right: 'read',
    tag: 'software',
    summary: 'A licence with its assignments and what it does not cover',
    params: IdParams,
    response: LicenceDetail,
  }),
  createLicence: endpoint({
    id: 'createLicence',
    method: 'POST',
    path: '/licences',
    right: 'cis.write',
    tag: 'software',
    summary: 'Enter a licence; it is a CI as well',
    status: 201,
    body: LicenceFields,
    response: LicenceDetail,
  }),
  updateLicence: endpoint({
    id: 'updateLicence',
    method: 'PUT',
    path: '/licences/:id',
    right: 'cis.write',
    tag: 'software',
    summary: 'Set what a licence entitles to',
    params: IdParams,
    body: LicenceFields,
    response: LicenceDetail,
  }),
};
