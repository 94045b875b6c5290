/** Whether an incident that opens now reaches anybody by a message. Pure. */

/** False too where it is not known yet: what is claimed is certain. */
export function tellsNobody(overview: { readonly channelsOn: number } | undefined): boolean {
  return overview?.channelsOn === 0;
}
