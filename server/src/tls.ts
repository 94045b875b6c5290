/** The server's own certificate: self-signed, made once, trusted by its key pin. And the pins of any certificate. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { DAY_MS, type Millis } from '@muster/shared/time.ts';

export interface TlsMaterial {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
  /** SHA-256 of the SubjectPublicKeyInfo, base64: what curl takes behind `sha256//`. */
  readonly pin: string;
  /** End of its validity. */
  readonly expiresMs: Millis;
  /** true: made by this server, so that only the pin can be trusted. */
  readonly selfSigned: boolean;
}

export const CERTIFICATE_FILE = 'tls.crt';
export const KEY_FILE = 'tls.key';
/** Trust hangs on the key, not on the dates; a short life would only break agents that nobody looks after. */
const VALID_MS = 20 * 365 * DAY_MS;

/** Reads a certificate and key from files. @throws Error that names the file and what is wrong. */
export function readTls(certFile: string, keyFile: string): TlsMaterial {
  const cert = readNamed(certFile, 'MUSTER_TLS_CERT');
  const key = readNamed(keyFile, 'MUSTER_TLS_KEY');
  const parsed = parse(certFile, () => new X509Certificate(cert));
  const privateKey = parse(keyFile, () => createPrivateKey(key));
  if (!parsed.checkPrivateKey(privateKey))
    throw new Error(`The key in ${keyFile} is not the one of the certificate in ${certFile}.`);
  return {
    key,
    cert,
    pin: spkiPin(parsed.publicKey),
    expiresMs: parsed.validToDate.getTime(),
    selfSigned: false,
  };
}

/** Opens the self-signed certificate in `folder`, or makes it for these names and addresses. */
export function openSelfSignedTls(folder: string, names: readonly string[], nowMs: Millis): TlsMaterial {
  const certFile = join(folder, CERTIFICATE_FILE);
  const keyFile = join(folder, KEY_FILE);
  if (!existsSync(certFile) || !existsSync(keyFile)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writePrivate(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    writePrivate(certFile, selfSignedCertificate(privateKey, names, nowMs));
  }
  return { ...readTls(certFile, keyFile), selfSigned: true };
}

export function spkiPin(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}

/**
 * X.509 v3 certificate (RFC 5280) over a P-256 key, signed by itself with ECDSA and SHA-256 (RFC 5758). PEM.
 * `names` are host names and IP addresses for subjectAltName; the first is the common name too.
 */
export function selfSignedCertificate(
  privateKey: KeyObject,
  names: readonly string[],
  nowMs: Millis,
): string {
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const serial = randomBytes(16);
  // Positive and without a leading zero byte (RFC 5280, 4.1.2.2).
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40;
  const name = sequence(set(sequence(oid('2.5.4.3'), utf8(names[0] ?? 'muster'))));
  const signature = sequence(oid('1.2.840.10045.4.3.2'));
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(serial),
    signature,
    name,
    sequence(time(nowMs - DAY_MS), time(nowMs + VALID_MS)),
    name,
    publicKey,
    explicit(
      3,
      sequence(
        extension('2.5.29.17', false, sequence(...names.map(alternativeName))),
        extension('2.5.29.19', true, sequence(boolean(true))),
        extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'))),
      ),
    ),
  );
  const certificate = sequence(body, signature, bits(sign('sha256', body, privateKey)));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** DER (X.690): tag, length, content. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 128) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = Buffer.from(content.length.toString(16).padStart(content.length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content]);
}

const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const set = (...parts: readonly Uint8Array[]) => der(0x31, ...parts);
const integer = (bytes: Uint8Array) => der(0x02, bytes);
const boolean = (value: boolean) => der(0x01, Buffer.from([value ? 0xff : 0]));
const utf8 = (text: string) => der(0x0c, Buffer.from(text));
const octets = (bytes: Uint8Array) => der(0x04, bytes);
const bits = (bytes: Uint8Array) => der(0x03, Buffer.from([0]), bytes);
const explicit = (number: number, part: Uint8Array) => der(0xa0 | number, part);

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(0x06, Buffer.from(bytes));
}

/** UTCTime to 2049, GeneralizedTime after (RFC 5280, 4.1.2.5). */
function time(atMs: Millis): Buffer {
  const digits = new Date(atMs).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
  return Number(digits.slice(0, 4)) < 2050
    ? der(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : der(0x18, Buffer.from(`${digits}Z`));
}

function extension(id: string, critical: boolean, value: Uint8Array): Buffer {
  return critical ? sequence(oid(id), boolean(true), octets(value)) : sequence(oid(id), octets(value));
}

function alternativeName(name: string): Buffer {
  switch (isIP(name)) {
    case 4:
      return der(0x87, Buffer.from(name.split('.').map(Number)));
    case 6:
      return der(0x87, ipv6Bytes(name));
    default:
      return der(0x82, Buffer.from(name, 'ascii'));
  }
}

function ipv6Bytes(address: string): Buffer {
  const plain = address.split('%')[0] ?? '';
  const [head = '', tail] = plain.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const middle = Array.from({ length: tail === undefined ? 0 : 8 - left.length - right.length }, () => '0');
  return Buffer.from([...left, ...middle, ...right].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function readNamed(file: string, variable: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(
      `${variable} names ${file}, which cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

function parse<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new Error(
      `${file} does not hold what it should: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

function writePrivate(file: string, text: string): void {
  const temporary = `${file}.new`;
  writeFileSync(temporary, text, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, file);
}
