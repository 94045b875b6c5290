/** Names of the inventory's sections; no schema, so that whoever wants the list alone loads no more. */
export const INVENTORY_SECTIONS = [
  'hardware',
  'os',
  'network',
  'storage',
  'software',
  'services',
  'users',
  'devices',
  'drivers',
  'patches',
  'guests',
  'security',
  'sockets',
  'fingerprints',
] as const;
export type InventorySection = (typeof INVENTORY_SECTIONS)[number];
