/** What an incident of the mock has that nobody has touched. */
import type { IncidentDetail } from '@muster/shared/api/incidents.ts';

export const UNTOUCHED_INCIDENT: Pick<
  IncidentDetail,
  | 'hand'
  | 'affectedCount'
  | 'affected'
  | 'affectedBeyond'
  | 'category'
  | 'supportGroup'
  | 'parent'
  | 'mergedInto'
  | 'unclaimedSince'
  | 'place'
  | 'matrixVersion'
  | 'reopenings'
  | 'keptApart'
> = {
  hand: null,
  affectedCount: 0,
  affected: [],
  affectedBeyond: 0,
  category: null,
  supportGroup: null,
  parent: null,
  mergedInto: null,
  unclaimedSince: null,
  place: { owner: null, user: null, location: null, department: null, supportGroup: null },
  matrixVersion: 1,
  reopenings: 0,
  keptApart: false,
};
