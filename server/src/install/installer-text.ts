/** The installer as one shell script: its parts put in place; pure. */
import { invariant } from '@muster/shared/invariant.ts';

/** A line of its own stands for a whole file, so that each part can be read and checked as the file that it is. */
const PART = /^@FILE ([a-z-]+(?:\.[a-z]+)+)@$/gm;
/** Ends a here-document of the installer; no part may contain it. */
const END_OF_FILE = 'MUSTER_END_OF_FILE';

export interface InstallerInput {
  /** Text of `install.sh`. */
  readonly installer: string;
  /** Texts of the parts, by file name. */
  readonly parts: ReadonlyMap<string, string>;
  readonly stamp: InstallerStamp;
}

export interface InstallerStamp {
  /** Shown to people and kept on the machine. */
  readonly version: string;
  /** By which its agent takes releases, base64url; empty: it takes none. */
  readonly releaseKey: string;
}

/** What is known only when an installer is made. */
export function stamped(text: string, { version, releaseKey }: InstallerStamp): string {
  return text.replaceAll('@VERSION@', version).replaceAll('@RELEASE_KEY@', releaseKey);
}

export function installerText({ installer, parts, stamp }: InstallerInput): string {
  return stamped(filled(installer, parts), stamp);
}

/** Parts may have parts. */
function filled(text: string, parts: ReadonlyMap<string, string>): string {
  return text.replace(PART, (_line, name: string) => {
    const part = parts.get(name);
    invariant(part !== undefined, `the installer wants ${name}, and there is no such part`);
    invariant(!part.includes(END_OF_FILE), `${name} would end its own here-document`);
    return filled(part, parts).trimEnd();
  });
}
