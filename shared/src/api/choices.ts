/** What lists can be narrowed to. Apart from the schemas, because the addresses of all pages are read with the first one. */

/** 'ending': within 90 days. 'none': nobody entered one. 'due': to be replaced by now, or as old as its class lasts. */
export const ASSET_FILTERS = [
  'warranty-ending',
  'warranty-over',
  'warranty-none',
  'due',
  'no-number',
] as const;

export const DRIFT_KINDS = ['attribute', 'part', 'software', 'file', 'relation'] as const;

export const CHANGE_STATES = ['requested', 'approved', 'rejected', 'cancelled', 'closed'] as const;

export const FINDING_KINDS = [
  /** Reports come from a CI that should be silent: retired, missing, in stock … */
  'ghost-device',
  /** Reports could be of several CIs, or of one that only half agrees. */
  'identity-review',
  /** One identity on two machines: a copied disk. */
  'cloned-identity',
  'unauthorised-change',
  'software-denied',
  'software-unlicensed',
  'licence-expiring',
  /** A machine that its user takes along has not been seen for weeks. */
  'not-seen',
  /** The agent was taken off a machine that is in service. */
  'agent-uninstalled',
  /** A ring of a rollout did not get through its gate. */
  'rollout-failed',
] as const;

/** accepted: it may be so. resolved: it is so no more. dismissed: it was none. */
export const FINDING_STATES = ['open', 'accepted', 'resolved', 'dismissed'] as const;

/** Of `name=value`, as a label of the agent configuration may be. */
export const LABEL_LENGTH_MAX = 192;
