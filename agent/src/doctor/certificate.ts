/** Whose certificate is it, and does the agent believe it; pure. */
import { DAY_MS, type Millis, toIso } from '@muster/shared/time.ts';
import type { Settings } from '../config.ts';
import { LINK_FAULTS } from '../handshake.ts';
import { faultWords } from '../network-fault.ts';
import { failed, type Judgement, ok, warning } from './judgement.ts';
import type { AskedSeen, CertificateSeen } from './port.ts';

/** A certificate that ends sooner should have been renewed by now. */
export const RENEWAL_MS = 14 * DAY_MS;

/** Makers of devices and programs that open TLS, as their authorities call themselves. */
const INTERCEPTORS =
  /zscaler|fortinet|fortigate|palo ?alto|blue ?coat|netskope|sophos|cisco umbrella|check ?point|kaspersky|avast|eset ssl|bitdefender|mcafee|skyhigh|squid|mitmproxy|forcepoint|barracuda|watchguard|sonicwall|untangle|sangfor|qi ?an ?xin|hillstone|trend micro|smoothwall|lightspeed|iboss|menlo security/i;

export function judgeCertificate(settings: Settings, asked: AskedSeen, nowMs: Millis): Judgement {
  if (settings.tls === 'none') return ok('none: plain text, as the configuration says');
  const { certificate } = asked;
  if (certificate === null) {
    const { seen, fix } = faultWords(asked.tls ?? { code: '', detail: 'nothing' });
    return failed(`no TLS comes about: ${seen}`, fix);
  }
  const seen = words(certificate);
  if (settings.tls === 'direct' && certificate.protocol !== 'TLSv1.3')
    return failed(
      `${seen}; ${certificate.protocol}`,
      'TLS 1.3 is needed up to the server itself; something older ends it on the way, or "tls" should be "proxy".',
    );
  const doubt = doubtOf(settings, asked, certificate, nowMs);
  if (doubt) return failed(`${seen}; ${doubt.what}`, doubt.fix);
  const leftMs = certificate.toMs - nowMs;
  if (settings.tlsPin === null && leftMs < RENEWAL_MS)
    return warning(
      `${seen}; it ends in ${Math.max(0, Math.floor(leftMs / DAY_MS))} days`,
      'Renew the certificate of the server.',
    );
  return ok(`${seen}${settings.tlsPin === null ? ', trusted' : ', the pinned key'}`);
}

function words({ protocol, subject, issuer, fromMs, toMs }: CertificateSeen): string {
  const signed = issuer === subject ? 'signed by itself' : `signed by "${issuer}"`;
  return `${protocol}, certificate of "${subject}", ${signed}, ${toIso(fromMs).slice(0, 10)} to ${toIso(toMs).slice(0, 10)}`;
}

function doubtOf(
  { tls, tlsPin, url }: Settings,
  { http }: AskedSeen,
  certificate: CertificateSeen,
  nowMs: Millis,
): { readonly what: string; readonly fix: string } | null {
  const { host, hostname } = new URL(url);
  const opener = INTERCEPTORS.exec(`${certificate.issuer} ${certificate.subject}`)?.[0];
  const opened = {
    what: `"${opener}" on the way opens TLS and reads along`,
    fix: `Let whoever runs it pass connections to ${host} through unopened (an exception from TLS inspection). The agent speaks only to its own server.`,
  };
  if (tlsPin !== null) {
    if (certificate.pin === tlsPin) return null;
    if (opener !== undefined) return opened;
    return {
      what: `its key is sha256//${certificate.pin}, pinned is sha256//${tlsPin}`,
      fix: `${LINK_FAULTS['tls-key-mismatch'].hint} A device on the way that opens TLS shows another key too: ${certificate.issuer} would be its name.`,
    };
  }
  if (opener !== undefined && (tls === 'direct' || certificate.distrust !== null)) return opened;
  if (certificate.distrust === null) return null;
  if (/ALTNAME/.test(certificate.distrust))
    return {
      what: `it is not for ${hostname}, but for ${certificate.names.join(', ') || 'nobody'}`,
      fix: 'Use one of its names in the address of the server, or give the server a certificate with this name.',
    };
  if (nowMs > certificate.toMs || nowMs < certificate.fromMs) {
    const serverMs = http.type === 'answer' ? http.dateMs : null;
    const isGoodThere = serverMs !== null && serverMs >= certificate.fromMs && serverMs <= certificate.toMs;
    if (isGoodThere)
      return {
        what: `by this machine's clock (${toIso(nowMs)}) it is not valid, by the server's (${toIso(serverMs)}) it is`,
        fix: 'Set the clock, and let a time service keep it: timedatectl set-ntp true.',
      };
    return nowMs > certificate.toMs
      ? { what: 'it has expired', fix: 'Renew the certificate of the server.' }
      : {
          what: 'it is not valid yet',
          fix: 'Check the clocks of this machine and of whoever made the certificate.',
        };
  }
  return {
    what: `no authority of this machine stands behind it [${certificate.distrust}]`,
    fix: `${LINK_FAULTS['tls-invalid'].hint} For an authority of your own: "ca" in the configuration, or --ca of the installer.`,
  };
}
