/** The fields people keep of a machine, as a form holds them, and what of them was changed. Pure. */
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { type IndependentClass, isIndependentClass } from '@muster/shared/cmdb/classes.ts';

export interface RecordFields {
  readonly name: string;
  readonly class: IndependentClass;
  readonly lifecycle: CiDetail['lifecycle'];
  readonly criticality: '1' | '2' | '3' | '4';
  readonly assetNumber: string;
  readonly owner: string;
  readonly supportGroup: string;
  readonly site: string;
  /** Parted by commas. */
  readonly tags: string;
  /** Why; needed for some steps of the lifecycle and to correct an asset number. */
  readonly reason: string;
}

type Held = Pick<
  CiDetail,
  'name' | 'class' | 'lifecycle' | 'criticality' | 'assetNumber' | 'owner' | 'supportGroup' | 'site' | 'tags'
>;

const CRITICALITIES = ['1', '2', '3', '4'] as const;

export function recordFieldsOf(ci: Held): RecordFields {
  return {
    name: ci.name,
    class: isIndependentClass(ci.class) ? ci.class : 'Server',
    lifecycle: ci.lifecycle,
    criticality: CRITICALITIES.find((each) => Number(each) === ci.criticality) ?? '3',
    assetNumber: ci.assetNumber ?? '',
    owner: ci.owner ?? '',
    supportGroup: ci.supportGroup ?? '',
    site: ci.site ?? '',
    tags: ci.tags.join(', '),
    reason: '',
  };
}

export interface RecordChange {
  name?: string;
  class?: IndependentClass;
  lifecycle?: CiDetail['lifecycle'];
  criticality?: number;
  assetNumber?: string | null;
  owner?: string | null;
  supportGroup?: string | null;
  site?: string | null;
  tags?: string[];
  reason?: string;
}

/** Only what differs, so that a field that somebody else changes meanwhile is left alone. */
export function changedFields(ci: Held, fields: RecordFields): RecordChange {
  const change: RecordChange = {};
  const name = fields.name.trim();
  if (name !== ci.name) change.name = name;
  if (fields.class !== ci.class) change.class = fields.class;
  if (fields.lifecycle !== ci.lifecycle) change.lifecycle = fields.lifecycle;
  if (Number(fields.criticality) !== ci.criticality) change.criticality = Number(fields.criticality);
  for (const key of ['assetNumber', 'owner', 'supportGroup', 'site'] as const) {
    const value = fields[key].trim() || null;
    if (value !== ci[key]) change[key] = value;
  }
  const tags = tagsOf(fields.tags);
  if (tags.join('\n') !== ci.tags.join('\n')) change.tags = tags;
  const reason = fields.reason.trim();
  if (reason !== '' && (change.lifecycle !== undefined || change.assetNumber !== undefined))
    change.reason = reason;
  return change;
}

function tagsOf(text: string): string[] {
  const tags = text.split(/[,，;；\n]/).map((tag) => tag.trim());
  return [...new Set(tags.filter((tag) => tag !== ''))];
}
