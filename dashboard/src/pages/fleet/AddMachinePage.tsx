/** AddMachinePage. */
export function AddMachinePage() {
  return null;
}
