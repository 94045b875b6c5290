/** The agent as .deb and .rpm: the same files in the same places as the installer puts them, and no configuration. */
import type { Platform } from '@muster/shared/release/manifest.ts';
import { LIBATOMIC } from '../install/node-libraries.ts';
import { serviceFile } from '../install/service-files.ts';
import { debOf } from './deb.ts';
import { type AgentProgram, file, type PackageEntry } from './entries.ts';
import { rpmOf } from './rpm.ts';
import { type PackageVersion, packageVersion } from './version.ts';

type LinuxPlatform = Extract<Platform, `linux-${string}`>;

const NAME = 'muster-agent';
const FOLDER = `opt/${NAME}`;
const UNITS = 'usr/lib/systemd/system';
const SUMMARY = 'Agent of the Muster monitoring and CMDB server';
const DESCRIPTION =
  'Reports load, availability and inventory of this machine to a Muster server over one outbound connection.';
const MAINTAINER = 'Muster <muster@localhost>';
const LICENSE = 'Apache-2.0';

const ARCHITECTURES = {
  'linux-x64': { deb: 'amd64', rpm: 'x86_64' },
  'linux-arm64': { deb: 'arm64', rpm: 'aarch64' },
} as const;

/** What Node asks for, by readelf(1), and every system with a package manager has. */
const DEB_DEPENDS = ['libc6 (>= 2.28)', 'libstdc++6 (>= 5.2)', 'libgcc-s1 | libgcc1', 'passwd'];
const RPM_REQUIRES = [
  'libc.so.6(GLIBC_2.28)(64bit)',
  'libstdc++.so.6(GLIBCXX_3.4.21)(64bit)',
  'libgcc_s.so.1()(64bit)',
  '/usr/sbin/useradd',
];

/** What stock systems lack: asked for only where the package does not bring it. */
const NOT_BROUGHT = { deb: 'libatomic1', rpm: `${LIBATOMIC}()(64bit)` } as const;

function lacking({ libraries }: AgentProgram, format: keyof typeof NOT_BROUGHT): string[] {
  return libraries.some(({ name }) => name === LIBATOMIC) ? [] : [NOT_BROUGHT[format]];
}

export function linuxDeb(platform: LinuxPlatform, program: AgentProgram): Promise<Buffer> {
  const { version, release } = packageVersion(program.manifest);
  return debOf({
    fields: [
      ['Package', NAME],
      ['Version', `${version}-${release}`],
      ['Architecture', ARCHITECTURES[platform].deb],
      ['Maintainer', MAINTAINER],
      ['Section', 'admin'],
      ['Priority', 'optional'],
      ['Depends', [...DEB_DEPENDS, ...lacking(program, 'deb')].join(', ')],
      ['Description', `${SUMMARY}\n ${DESCRIPTION}`],
    ],
    scripts: new Map(
      ['preinst', 'postinst', 'prerm', 'postrm'].map((name) => [
        name,
        script(`deb-${name}`, { version, release }),
      ]),
    ),
    entries: linuxEntries(program, 'apt-get purge muster-agent (or dpkg --purge muster-agent)'),
    standing: ['opt'],
  });
}

export function linuxRpm(platform: LinuxPlatform, program: AgentProgram): Promise<Buffer> {
  const { version, release } = packageVersion(program.manifest);
  const scriptOf = (occasion: string) => script(`rpm-${occasion}`, { version, release });
  return rpmOf({
    name: NAME,
    version,
    release,
    architecture: ARCHITECTURES[platform].rpm,
    summary: SUMMARY,
    description: DESCRIPTION,
    license: LICENSE,
    vendor: 'Muster',
    requires: [...RPM_REQUIRES, ...lacking(program, 'rpm')],
    scripts: {
      pre: scriptOf('pre'),
      post: scriptOf('post'),
      preun: scriptOf('preun'),
      postun: scriptOf('postun'),
    },
    entries: linuxEntries(program, 'dnf remove muster-agent (or rpm -e muster-agent)'),
  });
}

function script(occasion: string, { version, release }: PackageVersion): string {
  return `${serviceFile('linux', 'packaged.sh', { version: `${version}-${release}`, releaseKey: '' })}\nmain ${occasion} "$@"\n`;
}

/** @param removal what to type for it, kept on the machine */
function linuxEntries(
  { agentScript, node, libraries, manifest }: AgentProgram,
  removal: string,
): PackageEntry[] {
  const service = (name: string) =>
    serviceFile('linux', name, { version: manifest.version, releaseKey: manifest.key });
  const program = (name: string, source: string) => file(`${FOLDER}/${name}`, 0o755, service(source));
  return [
    { kind: 'folder', path: FOLDER, mode: 0o755 },
    file(`${FOLDER}/agent.mjs`, 0o644, agentScript),
    file(`${FOLDER}/node`, 0o755, node),
    ...(libraries.length > 0 ? [{ kind: 'folder', path: `${FOLDER}/lib`, mode: 0o755 } as const] : []),
    ...libraries.map(({ name, content }) => file(`${FOLDER}/lib/${name}`, 0o644, content)),
    file(`${FOLDER}/version`, 0o644, `${manifest.version}\n`),
    file(`${FOLDER}/release.json`, 0o644, `${JSON.stringify(manifest, null, 2)}\n`),
    // By it everything else here knows that a package manager is in charge.
    file(`${FOLDER}/packaged`, 0o644, `${removal}\n`),
    program('as-agent', 'as-agent.sh'),
    program('configure', 'configure.sh'),
    program('muster-agent', 'muster-agent.sh'),
    program('pause', 'pause.sh'),
    program('prepare', 'prepare.sh'),
    program('run', 'run.sh'),
    program('sleep', 'sleep.sh'),
    program('supervise', 'supervise.sh'),
    program('watch', 'watch.sh'),
    program('uninstall.sh', 'uninstall.sh'),
    file(`${UNITS}/${NAME}.service`, 0o644, service('muster-agent.service')),
    file(`${UNITS}/${NAME}-sleep.service`, 0o644, service('muster-agent-sleep.service')),
    { kind: 'folder', path: `${UNITS}/sleep.target.wants`, mode: 0o755 },
    {
      kind: 'link',
      path: `${UNITS}/sleep.target.wants/${NAME}-sleep.service`,
      target: `../${NAME}-sleep.service`,
    },
    { kind: 'link', path: `usr/bin/${NAME}`, target: `/${FOLDER}/${NAME}` },
  ];
}
