/** Other agents (FusionInventory, GLPI, OCS): where they deliver, what they delivered, and the export in their format. */
import { z } from 'zod';
import { endpoint, IdParams, IsoTime, listOf, Page } from './endpoint.ts';

/** Why a delivery was not taken. */
export const INTAKE_REFUSALS = [
  'body-too-large',
  'inflated-too-large',
  'body-empty',
  'encoding-broken',
  'xml-broken',
  'xml-doctype',
  'xml-too-large',
  'json-broken',
  'json-too-deep',
  'message-unknown',
  'section-too-long',
  'partial-unknown',
  'nothing-known',
  'class-not-served',
  'report-invalid',
  'busy',
  'server-error',
] as const;
export const IntakeRefusalCode = z.enum(INTAKE_REFUSALS);
export type IntakeRefusalCode = z.infer<typeof IntakeRefusalCode>;

/** What is said of a whole site in one word. */
export const IntakeSiteState = z.enum(['waiting', 'delivering', 'failing', 'silent', 'expired', 'revoked']);
export type IntakeSiteState = z.infer<typeof IntakeSiteState>;

export const IntakeSite = z.object({
  id: z.string(),
  name: z.string(),
  state: IntakeSiteState,
  createdAt: IsoTime,
  expiresAt: IsoTime.nullable(),
  revokedAt: IsoTime.nullable(),
  site: z.string().nullable(),
  class: z.enum(['Server', 'Workstation']).nullable(),
  tags: z.array(z.string()),
  /** Reports taken since the site was made, and those refused. */
  deliveries: z.number(),
  refused: z.number(),
  lastDeliveryAt: IsoTime.nullable(),
  lastError: z.object({ at: IsoTime, code: IntakeRefusalCode, detail: z.string() }).nullable(),
});
export type IntakeSite = z.infer<typeof IntakeSite>;

export const IntakeDelivery = z.object({
  id: z.string(),
  siteId: z.string(),
  siteName: z.string(),
  at: IsoTime,
  /** Where it came from. */
  address: z.string(),
  /** As the agent calls itself: 'GLPI-Agent' and '1.12'; '' where it does not say. */
  clientName: z.string(),
  clientVersion: z.string(),
  /** Name of the device as reported; '' where the report could not be read so far. */
  deviceName: z.string(),
  /** As reported: 'Computer', 'NetworkEquipment', 'Printer', 'Phone' … */
  itemType: z.string(),
  partial: z.boolean(),
  /** noted: taken, but nothing is made of it (see `code`). */
  result: z.enum(['created', 'known', 'noted', 'refused']),
  code: IntakeRefusalCode.nullable(),
  detail: z.string(),
  ci: z.object({ id: z.string(), name: z.string(), class: z.string() }).nullable(),
  /** Sections that it carried, by our names. */
  sections: z.array(z.string()),
  bodyBytes: z.number(),
  inflatedBytes: z.number(),
});
export type IntakeDelivery = z.infer<typeof IntakeDelivery>;

/** One program of others that reports a CI. */
export const Reporter = z.object({
  id: z.string(),
  clientName: z.string(),
  clientVersion: z.string(),
  siteId: z.string(),
  siteName: z.string(),
  firstSeenAt: IsoTime,
  lastSeenAt: IsoTime,
  deliveries: z.number(),
});
export type Reporter = z.infer<typeof Reporter>;

/** The GLPI inventory format (draft-07 schema of the project inventory_format); content is free at this border. */
export const GlpiInventory = z.object({
  action: z.literal('inventory'),
  deviceid: z.string(),
  itemtype: z.enum(['Computer', 'NetworkEquipment', 'Printer', 'Phone', 'Unmanaged']),
  tag: z.string().optional(),
  content: z.record(z.string(), z.unknown()),
});
export type GlpiInventory = z.infer<typeof GlpiInventory>;

export const intakeEndpoints = {
  listIntakeSites: endpoint({
    id: 'listIntakeSites',
    method: 'GET',
    path: '/intake-sites',
    right: 'enrolment.write',
    tag: 'intake',
    summary: 'Where other agents deliver, newest first',
    query: Page,
    response: listOf(IntakeSite),
  }),
  createIntakeSite: endpoint({
    id: 'createIntakeSite',
    method: 'POST',
    path: '/intake-sites',
    right: 'enrolment.write',
    tag: 'intake',
    summary: 'Make an address for other agents; address and configuration lines are shown once',
    body: z.object({
      name: z.string().trim().min(1).max(64),
      expiresInDays: z.int().min(1).max(3_650).nullable().default(null),
      site: z.string().trim().max(64).nullable().default(null),
      class: z.enum(['Server', 'Workstation']).nullable().default(null),
      tags: z.array(z.string().trim().min(1).max(64)).max(32).default([]),
    }),
    response: IntakeSite.extend({
      token: z.string(),
      /** Where agents post to. */
      address: z.string(),
      /** One line for the configuration or the command line of each agent. */
      lines: z.object({ fusioninventory: z.string(), glpi: z.string(), ocs: z.string() }),
    }),
    status: 201,
  }),
  revokeIntakeSite: endpoint({
    id: 'revokeIntakeSite',
    method: 'DELETE',
    path: '/intake-sites/:id',
    right: 'enrolment.write',
    tag: 'intake',
    summary: 'Revoke the address of a site; what was delivered stays',
    params: IdParams,
    status: 204,
  }),
  listIntakeDeliveries: endpoint({
    id: 'listIntakeDeliveries',
    method: 'GET',
    path: '/intake-deliveries',
    right: 'enrolment.write',
    tag: 'intake',
    summary: 'Deliveries of other agents, newest first',
    query: Page.extend({
      site: z.string().max(64).optional(),
      result: z.enum(['taken', 'refused']).optional(),
    }),
    response: listOf(IntakeDelivery),
  }),
  listReporters: endpoint({
    id: 'listReporters',
    method: 'GET',
    path: '/cis/:id/reporters',
    right: 'read',
    tag: 'intake',
    summary: 'Other agents that report this CI, the latest first',
    params: IdParams,
    response: z.object({ items: z.array(Reporter) }),
  }),
  exportGlpiInventory: endpoint({
    id: 'exportGlpiInventory',
    method: 'GET',
    path: '/cis/:id/export/glpi',
    right: 'read',
    tag: 'intake',
    summary: 'A machine in the GLPI inventory format',
    params: IdParams,
    response: GlpiInventory,
  }),
};
