/** MachineIncidentsTab. */
export function MachineIncidentsTab() {
  return null;
}
