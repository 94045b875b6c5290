/** Port connectors (type 8) and expansion slots (type 9) of a dmidecode report. */
import { type DmiStructure, ofType, valueOf } from './dmidecode.ts';

export interface DmiPort {
  /** 'USB', 'Network Port' … */
  readonly type: string | null;
  /** As printed on the board. */
  readonly internalName: string | null;
  readonly internalConnector: string | null;
  /** As printed on the case. */
  readonly externalName: string | null;
  readonly externalConnector: string | null;
}

export interface DmiSlot {
  readonly name: string | null;
  readonly id: string | null;
  /** 'x16 PCI Express 3' … */
  readonly type: string | null;
  readonly inUse: boolean | null;
  /** PCI address of what is in it. */
  readonly busAddress: string | null;
}

export function dmiPorts(structures: readonly DmiStructure[]): DmiPort[] {
  return ofType(structures, 8)
    .filter(({ values }) => values.size > 0)
    .map((port) => ({
      type: valueOf(port, 'Port Type'),
      internalName: valueOf(port, 'Internal Reference Designator', 'Internal Designator'),
      internalConnector: valueOf(port, 'Internal Connector Type'),
      externalName: valueOf(port, 'External Reference Designator', 'External Designator'),
      externalConnector: valueOf(port, 'External Connector Type'),
    }));
}

export function dmiSlots(structures: readonly DmiStructure[]): DmiSlot[] {
  return ofType(structures, 9)
    .filter(({ values }) => values.size > 0)
    .map((slot) => ({
      name: valueOf(slot, 'Designation'),
      id: valueOf(slot, 'ID'),
      type: valueOf(slot, 'Type'),
      inUse: slotUse(valueOf(slot, 'Current Usage')),
      busAddress: valueOf(slot, 'Bus Address'),
    }));
}

function slotUse(usage: string | null): boolean | null {
  return usage === 'In Use' ? true : usage === 'Available' ? false : null;
}
