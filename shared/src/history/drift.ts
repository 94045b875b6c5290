/** What comparisons leave out unless somebody asks for it. */

/** Changes by itself: no drift between two moments. */
export const DRIFT_IGNORED = ['bootedAt', 'lastUser', 'state'] as const;
/** Each machine has its own: no drift among machines of one model. */
export const PEER_IGNORED = [
  ...DRIFT_IGNORED,
  'name',
  'assetNumber',
  'serial',
  'uuid',
  'boardSerial',
  'chassisSerial',
  'machineId',
  'hostname',
  'ipAddresses',
  'macAddresses',
  'mac',
  'addresses',
  'installedAt',
  'purchaseDate',
  'deliveryDate',
  'orderNumber',
  'invoiceNumber',
  'cost',
  'warrantyEnd',
  'note',
] as const;
