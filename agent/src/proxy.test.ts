import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseProxy, ProxyError, proxyWords } from './proxy.ts';

const server = new URL('wss://muster.example:8420/ws/agent');
const none = { httpsProxy: undefined, noProxy: undefined };
const env = (httpsProxy: string, noProxy = '') => ({ httpsProxy, noProxy });

test('[AT24] the configuration goes before the environment, and "none" means none', () => {
  const both = env('http://env:3128');
  expect(chooseProxy(server, 'http://own:3128', both)).toMatchObject({ proxy: { host: 'own', port: 3128 } });
  expect(chooseProxy(server, 'none', both).proxy).toBeNull();
  expect(chooseProxy(server, undefined, both)).toMatchObject({
    proxy: { host: 'env' },
    why: expect.stringContaining('HTTPS_PROXY'),
  });
  expect(chooseProxy(server, undefined, none)).toEqual({ proxy: null, why: 'none is set' });
});

test('[AT24] the proxy of the environment is not for plain text', () => {
  expect(chooseProxy(new URL('ws://127.0.0.1:8420'), undefined, env('http://env:3128')).proxy).toBeNull();
});

test.each([
  ['*', true],
  ['muster.example', true],
  ['.example', true],
  ['*.example', true],
  ['other.example, MUSTER.example', true],
  ['muster.example:8420', true],
  ['muster.example:443', false],
  ['ster.example', false],
  ['uster.example,other', false],
  ['', false],
])('[AT24] NO_PROXY=%s exempts the server: %s', (noProxy, exempt) => {
  expect(chooseProxy(server, undefined, env('http://env:3128', noProxy)).proxy === null).toBe(exempt);
});

test('[AT24] an address as users write it: without scheme, with a port or without, of either family', () => {
  const of = (text: string) => chooseProxy(server, text, none).proxy;
  expect(of('proxy.example')).toEqual({ host: 'proxy.example', port: 8080, authorization: null });
  expect(of('http://proxy.example:80')).toMatchObject({ port: 80 });
  expect(of('http://[2001:db8::1]:3128')).toMatchObject({ host: '2001:db8::1', port: 3128 });
});

test.each(['https://proxy:3128', 'socks5://user:hidden@proxy:1080', 'http://', 'http://user:hid%den@proxy'])(
  '[AT24] %s is refused in words that hold no password',
  (text) => {
    const refused = () => chooseProxy(server, text, none);
    expect(refused).toThrow(ProxyError);
    expect(refused).not.toThrow(/hidden|hid%den/);
  },
);

test('[AT21] any user and password arrive as they are, and are never among the words', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 12 }), (user, password) => {
      fc.pre(user.isWellFormed() && password.isWellFormed() && !user.includes(':'));
      const address = `http://${encodeURIComponent(user)}:${encodeURIComponent(password)}@proxy:3128`;
      const { proxy } = chooseProxy(server, address, none);
      if (proxy === null) throw new Error('a proxy is set');
      const sent = Buffer.from(proxy.authorization?.slice('Basic '.length) ?? '', 'base64').toString();
      expect(sent).toBe(`${user}:${password}`);
      expect(proxyWords(proxy)).toBe('http://proxy:3128 (with user and password)');
    }),
  );
});
