/** The only place where an address of the dashboard is spelt. */

export const PATHS = {
  signIn: '/sign-in',
  overview: '/',
  incidents: '/incidents',
  incident: '/incidents/$ref',
  machines: '/machines',
  addMachine: '/machines/new',
  machine: '/machines/$id',
  machineLive: '/machines/$id/live',
  machineHardware: '/machines/$id/hardware',
  machineSoftware: '/machines/$id/software',
  machineChanges: '/machines/$id/changes',
  machineAvailability: '/machines/$id/availability',
  machineIncidents: '/machines/$id/incidents',
  rules: '/rules',
  agents: '/agents',
  account: '/account',
} as const;

/** Where a sign-in may lead back to: an address of this dashboard, never another site's. */
export function safeReturn(address: unknown): string {
  const inside = typeof address === 'string' && /^\/(?![/\\])/.test(address);
  return inside && !address.startsWith(PATHS.signIn) ? address : PATHS.overview;
}
