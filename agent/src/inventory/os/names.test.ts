import { expect, test } from 'vitest';
import { splitHostname } from './names.ts';

const HOSTS = '127.0.0.1 localhost\n127.0.1.1 Web-01.Example.COM web-01 # own\n';

test.each([
  ['a full host name', ['web-01.example.com', '', ''], { hostname: 'web-01', domain: 'example.com' }],
  [
    'the line of /etc/hosts',
    ['web-01', HOSTS, 'domain other.org\n'],
    { hostname: 'web-01', domain: 'example.com' },
  ],
  [
    'a commented line of /etc/hosts',
    ['web-01', '# 127.0.1.1 web-01.example.com\n', ''],
    { hostname: 'web-01', domain: null },
  ],
  [
    'the domain line of resolv.conf',
    ['web-01', '', 'nameserver 192.0.2.1\ndomain example.org.\n'],
    { hostname: 'web-01', domain: 'example.org' },
  ],
  [
    'a search list',
    ['web-01', '', 'search cafe.example hotel.example\n'],
    { hostname: 'web-01', domain: null },
  ],
  ['the domain that nobody set', ['web-01.localdomain', '', ''], { hostname: 'web-01', domain: null }],
  ['no name', ['', HOSTS, ''], { hostname: '', domain: null }],
] as const)('[IN21] the domain from %s', (_, [name, hosts, resolvConf], expected) => {
  expect(splitHostname(name, hosts, resolvConf)).toEqual(expected);
});
