/** Why a release did not stay on a machine, in the words of its agent and its scripts: part of what it tells the server. */

/** An administrator rolled it back: nothing was wrong on the machine. */
export const SERVER_ASKED = 'the server asked for the version before it';

/** A trial that ran out: `seconds`. Of prepare.sh on Linux and prepare.c on Windows, as is the next. */
export const NOT_CONNECTED = /^it did not connect within (?<seconds>\d+) s$/;

/** A version that ended again and again: `starts`, and how it ended last, where somebody noted it. The short form is of older agents. */
export const DID_NOT_LAST =
  /^it was started (?<starts>\d+) times and (?:did not connect|ended each time before it was connected)(?:, )?(?<end>.*)$/;

/** The end of the sentence before: `code` or `signal`, and in brackets the last line of its log that looks like a fault, `said`. */
export const LAST_END =
  /^(?:last (?:with exit code (?<code>\d+)|by signal (?<signal>\d+)))? ?(?<said>\(.*\))?$/;
