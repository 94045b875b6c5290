/** Tables of values that makers and software write everywhere, so that they identify nothing. */
import { isGroupAddress } from './mac.ts';
import { uuidByteOrders } from './uuid.ts';

/** Letters and digits only, upper case: makers differ in blanks and full stops. */
function bare(value: string): string {
  return value.toUpperCase().replace(/[^A-Z0-9]/g, '');
}

/** Values that the administrator found on several machines, in their one spelling; '*' at the end stands for anything. */
export type ExtraJunk = Readonly<Record<ExtraJunkKind, readonly string[]>>;
export type ExtraJunkKind = 'serial' | 'uuid' | 'mac' | 'machine-id' | 'hostname';
export const NO_EXTRA_JUNK: ExtraJunk = { serial: [], uuid: [], mac: [], 'machine-id': [], hostname: [] };

function isExtra(patterns: readonly string[], value: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? value.startsWith(pattern.slice(0, -1)) : value === pattern,
  );
}

/** What stands where a maker wrote nothing, in the form that `bare` gives. */
const PLACEHOLDERS = new Set([
  '',
  'ASSET',
  'ASSETTAG',
  'BLANK',
  'CHASSIS',
  'DEFAULT',
  'DEFAULTSTRING',
  'EMPTY',
  'EVAL',
  'EVALUATION',
  'FILLBYOEM',
  'INVALID',
  'NA',
  'NIL',
  'NOASSETINFORMATION',
  'NOASSETTAG',
  'NOENCLOSURE',
  'NONE',
  'NOTAPPLICABLE',
  'NOTASSETTAG',
  'NOTAVAILABLE',
  'NOTDEFINED',
  'NOTPRESENT',
  'NOTPROVIDED',
  'NOTSET',
  'NOTSETTABLE',
  'NOTSPECIFIED',
  'NULL',
  'NULLSTRING',
  'OEM',
  'OEMSTRING',
  'OTHER',
  'PRODUCT',
  'RESERVED',
  'REV10',
  'SAMPLE',
  'STANDARD',
  'SYSTEM',
  'TBD',
  'TEST',
  'UNASSIGNED',
  'UNDEFINED',
  'UNKNOW',
  'UNKNOWN',
  'UNSPECIFIED',
]);

/** Whatever follows: makers add what should be filled in, or by whom. */
const UNFILLED = /^TOBEFILLED/;

export function isPlaceholder(value: string): boolean {
  const letters = bare(value);
  return PLACEHOLDERS.has(letters) || UNFILLED.test(letters);
}

/** Words that a maker prints where a serial number belongs. The digits behind them are a number where they neither count nor repeat. */
const SERIAL_WORDS =
  /^(TYPE[123])?(SYSTEM|CHASSIS|BASEBOARD|BASEBOARDSYSTEM|BOARD|MOTHERBOARD|PRODUCT|EVALUATION|OEM|NO|UNKNOWN|UNDEFINED|DEFAULT)?(SERIALNUMB(ER)?|SERIALNO|SERIAL|SERNUM|SERVICETAG|SN)(?<behind>\d*|X*)$/;
/** A name of the maker, or a mark of its works, that one model range carries in the place of the number. */
const SERIAL_MARKS = new Set([
  'BOCHS',
  'GIGABYTE',
  'IATPASS',
  'PARALLELS',
  'QEMU',
  'SN123456FVGV3I0B8O5N6N7K',
  'TULIPCOMPUTERS',
  'VIRTUALBOX',
  'VMWARE',
]);
/** A prefix that board makers put before the counting digits: 'MB-1234567890', 'SSN12345678901234567890', '#A123456789'. */
const COUNTING_PREFIX =
  /^((MB|NB|SYS|SSN|BSN|CSN|ASN|MSN|ATN|ASSET|CHASSIS|BOARD|SN|S)(?=\d{5})|[A-Z]{1,3}(?=\d{9}))/;
/** Shorter ones are ordinal numbers or single marks, not serial numbers. */
const SERIAL_LENGTH_MIN = 4;

/** Serial numbers and asset tags. */
export function isJunkSerial(serial: string, extra: ExtraJunk = NO_EXTRA_JUNK): boolean {
  if (isExtra(extra.serial, serial.toUpperCase().replaceAll(/\s+/g, ''))) return true;
  const value = bare(serial);
  if (value.length < SERIAL_LENGTH_MIN || isPlaceholder(value)) return true;
  const behind = SERIAL_WORDS.exec(value)?.groups?.behind;
  if (behind !== undefined && isNoNumber(behind)) return true;
  if (SERIAL_MARKS.has(value) || /^[A-Z]{1,4}0{6,}$/.test(value)) return true;
  if (/^CHASSISASSETTAG$|^(ENCLOSURE|BASEBOARD|BASEBOARDASSET)(ASSET)?TAG$/.test(value)) return true;
  return isNoNumber(value.replace(COUNTING_PREFIX, '')) || isRepetition(value);
}

function isNoNumber(value: string): boolean {
  return value.length < SERIAL_LENGTH_MIN || isRepetition(value) || isCounting(value);
}

/** One character again and again. */
function isRepetition(value: string): boolean {
  return /^(.)\1*$/.test(value);
}

const COUNTING_LENGTH_MIN = 4;
/** '123456789000': as long a count as nobody's serial number begins with, filled up with zeros. */
const FILLED_COUNT = /^(\d{6,}?)0+$/;

/** '0123456789', '12345678901234567890', '123456789ABCDEF': every digit one above the last, 0 after 9. */
function isCounting(value: string): boolean {
  if (value.length < COUNTING_LENGTH_MIN) return false;
  const decimal = '0123456789'.repeat(4);
  const hexadecimal = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const backwards = '9876543210'.repeat(2);
  const values = [value, FILLED_COUNT.exec(value)?.[1] ?? value];
  return [decimal, hexadecimal, letters, backwards].some((sequence) =>
    values.some((each) => sequence.includes(each)),
  );
}

/** UUIDs that whole model ranges carry, in one of their byte orders. */
const SHARED_UUIDS = new Set(
  [
    '03000200-0400-0500-0006-000700080009',
    '4c4c4544-0000-2010-8020-80c04f202020',
    '4c4c4544-0020-2010-8020-a0c04f202020',
    '12345678-1234-5678-90ab-cddeefaabbcc',
    '12345678-1234-1234-1234-123456789012',
    '12345678-1234-1234-1234-123456789abc',
    '11111111-2222-3333-4444-555555555555',
    '01234567-8910-1112-1314-151617181920',
    '01234567-89ab-cdef-0123-456789abcdef',
    '00112233-4455-6677-8899-aabbccddeeff',
    '00000000-0000-0000-0000-000000000001',
    '6ab5b300-538d-1014-9fb5-b0684d007b53',
    'deadbeef-dead-beef-dead-beefdeadbeef',
  ].flatMap(uuidByteOrders),
);

/** @param uuid canonical */
export function isJunkUuid(uuid: string, extra: ExtraJunk = NO_EXTRA_JUNK): boolean {
  if (uuidByteOrders(uuid).some((order) => isExtra(extra.uuid, order))) return true;
  if (SHARED_UUIDS.has(uuid)) return true;
  const [bytes, swapped] = uuidByteOrders(uuid).map((order) => numbersOf(order, BYTE_DIGITS));
  const [words, swappedWords] = uuidByteOrders(uuid).map((order) => numbersOf(order, WORD_DIGITS));
  if ([bytes, swapped, words, swappedWords].some((numbers) => numbers && isAscending(numbers))) return true;
  // One byte again and again, at most with a number at its end: boards that were counted by hand.
  return bytes?.slice(0, -1).every((byte) => byte === bytes[0]) ?? false;
}

const BYTE_DIGITS = 2;
const WORD_DIGITS = 4;

function numbersOf(uuid: string, digits: number): number[] {
  const text = uuid.replaceAll('-', '');
  return Array.from({ length: text.length / digits }, (_, index) =>
    Number.parseInt(text.slice(index * digits, (index + 1) * digits), 16),
  );
}

/** 00 01 02 … 0f, 0002 0003 … 0009, and their kin that start elsewhere. */
function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1);
}

/** Addresses of adapters made of software, and of hardware that was shipped with one address for all. */
const SHARED_MACS: readonly RegExp[] = [
  /^00:00:00:00:00:0[0-9a-f]$/,
  // VMware's and VirtualBox's adapters on the host's side, Parallels' too.
  /^00:50:56:c0:/,
  /^0a:00:27:00:00:/,
  /^00:1c:42:00:00:/,
  // What QEMU gives when nobody asks for an address.
  /^52:54:00:12:34:5[6-9a-f]$/,
  // Windows: asynchronous, dial-up, PPTP, PPPoE, loopback, NDIS intermediate; TAP adapters of VPN programs.
  /^20:41:53:59:4e:ff$/,
  /^24:b6:20:52:41:53$/,
  /^44:45:53:54:/,
  /^00:53:45:00:00:00$/,
  /^50:50:54:50:30:30$/,
  /^33:50:6f:45:30:30$/,
  /^02:00:4c:4f:4f:50$/,
  /^02:00:4e:43:50:49$/,
  /^00:ff:[0-9a-f]{2}:/,
  // VPN clients: Cisco, Fortinet, Palo Alto, Check Point, Juniper, LogMeIn Hamachi.
  /^00:05:9a:3c:7[0-9a-f]:00$/,
  /^00:09:0f:(fe|aa):00:0[0-9a-f]$/,
  /^02:50:41:00:00:01$/,
  /^54:55:43:44:52:09$/,
  /^02:05:85:7f:eb:80$/,
  /^7a:79:/,
  // Mobile modems that all show the same address.
  /^02:80:37:ec:02:00$/,
  /^58:2c:80:13:92:63$/,
  /^0c:5b:8f:27:9a:64$/,
  /^00:1e:10:1f:00:00$/,
  /^00:a0:c6:00:00:00$/,
  // Cheap Bluetooth adapters: a few hundred addresses for all that were ever sold.
  /^00:1a:7d:da:71:/,
  /^00:15:83:(0c:bf:eb|15:a3:10)$/,
  // What every Apple machine with a security chip calls the port to it.
  /^ac:de:48:00:11:22$/,
  // Network chips whose memory nobody has written.
  /^88:88:88:88:8[78]:88$/,
  /^00:e0:4c:(00:00:0[0-9a-f]|68:00:0[0-9a-f]|36:0[0-9a-f]:[0-9a-f]{2})$/,
  /^00:11:22:33:44:55$/,
  /^00:01:02:03:04:05$/,
  /^00:01:23:45:67:89$/,
  /^00:0b:ca:fe:00:00$/,
  /^12:34:56:78:9[0a]:(12|bc)$/,
  /^aa:bb:cc:dd:ee:ff$/,
  /^de:ad:be:ef:/,
];

/** @param mac canonical */
export function isJunkMac(mac: string, extra: ExtraJunk = NO_EXTRA_JUNK): boolean {
  return (
    isExtra(extra.mac, mac) ||
    isGroupAddress(mac) ||
    /^(..)(:\1){5}$/.test(mac) ||
    SHARED_MACS.some((pattern) => pattern.test(mac))
  );
}

/** Names that every fresh installation has. */
const NO_NAMES = new Set([
  '',
  'localhost',
  'localhost4',
  'localhost6',
  'none',
  '(none)',
  'unknown',
  'default',
]);

/** @param hostname lower case, first label */
export function isJunkHostname(hostname: string, extra: ExtraJunk = NO_EXTRA_JUNK): boolean {
  return isExtra(extra.hostname, hostname) || NO_NAMES.has(hostname);
}

/** The digest of nothing: what a first-boot script writes that hashed an empty file. */
const EMPTY_MD5 = 'd41d8cd98f00b204e9800998ecf8427e';

/** @param machineId 32 hex digits, lower case */
export function isJunkMachineId(machineId: string, extra: ExtraJunk = NO_EXTRA_JUNK): boolean {
  return isExtra(extra['machine-id'], machineId) || isRepetition(machineId) || machineId === EMPTY_MD5;
}
