import { PROTOCOL_VERSION, PROTOCOL_VERSION_MIN } from './limits.ts';

/** As `hello` carries it. */
export type ProtocolVersions = readonly [lowest: number, highest: number];

/** Of this code. */
export const PROTOCOL_VERSIONS: ProtocolVersions = [PROTOCOL_VERSION_MIN, PROTOCOL_VERSION];
