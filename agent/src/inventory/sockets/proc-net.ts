/** Tables of /proc/net/{tcp,udp}[6] (proc_pid_net(5)): one socket a line, addresses in hex in the byte order of the machine. */
export interface NetSocket {
  readonly protocol: 'tcp' | 'udp';
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** tcp_states.h: 1 established, 10 listening, 7 closed (a UDP socket that is not connected). */
  readonly state: number;
  readonly uid: number;
  readonly inode: string;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

const LINE =
  /^\s*\d+: ([0-9A-F]{8,32}):([0-9A-F]{4}) ([0-9A-F]{8,32}):([0-9A-F]{4}) ([0-9A-F]{2}) \S+ \S+ \S+\s+(\d+)\s+\d+ (\d+)/;

/** Lines of another form are left out. `bigEndian` of s390x and its like. */
export function parseProcNet(text: string, protocol: NetSocket['protocol'], bigEndian = false): NetSocket[] {
  return text.split('\n').flatMap((line) => {
    const match = LINE.exec(line);
    if (match === null) return [];
    const [
      ,
      localHex = '',
      localPort = '',
      remoteHex = '',
      remotePort = '',
      state = '',
      uid = '',
      inode = '',
    ] = match;
    const local = addressOf(localHex, bigEndian);
    const remote = addressOf(remoteHex, bigEndian);
    if (local === null || remote === null) return [];
    return [
      {
        protocol,
        local: { address: local, port: Number.parseInt(localPort, 16) },
        remote: { address: remote, port: Number.parseInt(remotePort, 16) },
        state: Number.parseInt(state, 16),
        uid: Number(uid),
        inode,
      },
    ];
  });
}

/** 8 or 32 hex digits; an IPv4 address mapped into IPv6 is given as IPv4. */
export function addressOf(hex: string, bigEndian: boolean): string | null {
  if (hex.length !== 8 && hex.length !== 32) return null;
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => {
    const four = (word.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
    return bigEndian ? four : four.reverse();
  });
  if (bytes.length === 4) return bytes.join('.');
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (mapped) return bytes.slice(12).join('.');
  return compressed(bytes);
}

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as '::'. */
function compressed(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  const runs = [
    ...groups
      .map((group) => (group === '0' ? '0' : '-'))
      .join('')
      .matchAll(/0{2,}/g),
  ];
  const longest = runs.reduce<RegExpMatchArray | null>(
    (best, run) => (best === null || run[0].length > best[0].length ? run : best),
    null,
  );
  if (longest === null) return groups.join(':');
  const start = longest.index ?? 0;
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + longest[0].length).join(':')}`;
}
