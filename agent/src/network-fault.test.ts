import { createServer } from 'node:net';
import { once } from 'node:events';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { faultWords } from './network-fault.ts';
import { webSocketOpener } from './socket.ts';
import type { LinkError } from './handshake.ts';

const EPROTO =
  'write EPROTO 40D3A5F4C47F0000:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../deps/openssl/openssl/ssl/record/methods/tlsany_meth.c:84:\n';

test.each([
  ['EPROTO', EPROTO, 'what answers there speaks no TLS, or an old one (wrong version number)', /http:\/\//],
  [
    'ERR_SSL_TLSV1_ALERT_UNRECOGNIZED_NAME',
    'x',
    /ended as TLS began \(tlsv1 alert unrecognized name\)/,
    /firewall/,
  ],
  [
    'ECONNRESET',
    'Client network socket disconnected before secure TLS connection was established',
    'the connection was ended as TLS began (ECONNRESET)',
    /plain text/,
  ],
  [
    'ECONNREFUSED',
    'connect ECONNREFUSED 192.0.2.1:8420',
    'nothing listens (ECONNREFUSED 192.0.2.1:8420)',
    /does the server run/,
  ],
  ['ECONNREFUSED', '', 'nothing listens (ECONNREFUSED)', /does the server run/],
  ['ENOTFOUND', 'getaddrinfo ENOTFOUND no.example', 'the name is not known (ENOTFOUND no.example)', /slip/],
  ['EHOSTUNREACH', 'connect EHOSTUNREACH 192.0.2.1:1', /no way to it/, /no route/],
  ['', 'something new', 'something new', /firewall/],
  ['', '', 'the connection failed', /firewall/],
])('[AT14] %s is told in words', (code, detail, seen, fix) => {
  const words = faultWords({ code, detail });
  expect(words.seen).toEqual(typeof seen === 'string' ? seen : expect.stringMatching(seen));
  expect(words.fix).toMatch(fix);
});

test('[AT14] whatever a library says, it is one line with something in it', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (code, detail) => {
      const { seen } = faultWords({ code: code.replaceAll(/\W/g, ''), detail });
      expect(seen.trim()).not.toBe('');
      expect(seen).not.toContain('\n');
    }),
  );
});

test('[AT14] TLS to a port that speaks plain text is told the same by the connection and by the doctor', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const fault = await new Promise<LinkError | null>((resolve) => {
    webSocketOpener({
      url: `wss://127.0.0.1:${port}/ws/agent`,
      tls: 'direct',
      tlsPin: null,
      ca: null,
      proxy: null,
      userAgent: 'test',
    })({
      opened: () => undefined,
      text: () => undefined,
      binary: () => undefined,
      pinged: () => undefined,
      closed: (_code, _reason, why) => resolve(why),
    });
  });
  const [error] = (await once(connect({ host: '127.0.0.1', port }), 'error')) as [NodeJS.ErrnoException];
  server.close();
  const { seen, fix } = faultWords({ code: error.code ?? '', detail: error.message });
  expect(fault?.message).toBe(seen);
  expect(fault?.hint).toBe(fix);
  expect(seen).toContain('speaks no TLS');
});
