/** Joins the installer to the server: its public files, and the lines that name them. */
import type { InstallLines } from '../fleet/routes.ts';
import type { InstallOffer, InstallPlatforms } from '@muster/shared/api/fleet.ts';
import type { Web } from '../http/web.ts';
import { type ReleaseCatalogue, RELEASES_PATH } from '../releases/catalogue.ts';
import { INSTALL_PATH, type InstallAssets, PACKAGES_FOLDER } from './assets.ts';
import { installLines, type InstallLinesInput } from './lines.ts';

const NOTHING: InstallOffer = { linux: null, windows: null, macos: null, configure: null, packages: [] };

/** `GET /install/*`, without sign-in. */
export function mountInstall(
  web: Pick<Web, 'addPublic'>,
  assets: InstallAssets,
  releases: Pick<ReleaseCatalogue, 'respond'>,
): void {
  web.addPublic(`${INSTALL_PATH}*`, (request) =>
    new URL(request.url).pathname.startsWith(RELEASES_PATH)
      ? releases.respond(request)
      : assets.respond(request),
  );
}

/** For which platforms there are files. */
export async function installPlatforms(assets: Pick<InstallAssets, 'checksums'>): Promise<InstallPlatforms> {
  const checksums = await assets.checksums();
  return {
    linux: checksums !== null,
    windows: typeof checksums?.windowsInstaller === 'string',
    macos: typeof checksums?.macosInstaller === 'string',
  };
}

/** How machines reach this server, and how they know it. */
export type InstallServer = Omit<InstallLinesInput, 'token' | 'checksums'>;

/** The lines for a new token. The first one after an upgrade waits until the files are made, some seconds at most. */
export function installLinesFor(assets: InstallAssets, server: () => InstallServer): InstallLines {
  return async (token) => {
    const checksums = await assets.checksums();
    if (checksums === null) return NOTHING;
    const input = { ...server(), token, checksums };
    const packages = (await assets.packages()).map((one) => ({
      ...one,
      url: `${input.publicUrl}${INSTALL_PATH}${PACKAGES_FOLDER}${one.name}`,
    }));
    return { ...installLines(input), packages };
  };
}
