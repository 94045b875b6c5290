/** What the `type` of a problem leads to: each code in plain text, for whoever reads an answer in a terminal or a log. Pure. */
import { ERRORS, type ErrorCode } from '../errors.ts';

/** A problem's `type` is this and its code. */
export const ERRORS_PATH = '/docs/errors';
export const OPENAPI_PATH = '/api/v1/openapi.json';

const SIGN_IN = `With a token, which an administrator makes in the dashboard under Settings, API tokens:

  curl -H "Authorization: Bearer TOKEN" SERVER/api/v1/machines

With name and password; the cookie of the session lands in the file "session":

  curl -c session -H "Content-Type: application/json" -d '{"name": "NAME", "password": "PASSWORD"}' SERVER/api/v1/session
  curl -b session SERVER/api/v1/machines

A certificate that the server made for itself is trusted with: --cacert FILE, or once to try with: -k
`;

/** Where the hint of an answer is too short for it. */
const MORE: Partial<Record<ErrorCode, string>> = {
  'not-signed-in': SIGN_IN,
  'sign-in-failed': SIGN_IN,
  'not-found': `Where it is the address of an operation that is unknown, find the right one by a word of its summary:

  curl SERVER${OPENAPI_PATH} | jq -r '.paths | to_entries[] | .key as $path | .value[] | "\\($path)  \\(.summary)"' | grep WORD
`,
};

/** null: there is no such code. */
export function errorText(code: string): string | null {
  return isErrorCode(code) ? textOf(code) : null;
}

export function errorIndex(): string {
  const lines = codes().map(
    (code) => `${ERRORS_PATH}/${code}  ${ERRORS[code].status}  ${ERRORS[code].title}`,
  );
  return `What an answer of the API may be refused for. The text of each code says what to do.\n\n${lines.join('\n')}\n`;
}

function textOf(code: ErrorCode): string {
  const { status, title, hint } = ERRORS[code];
  const more = MORE[code];
  return `${code} (HTTP ${status})

What happened: ${title}. \`detail\` of the answer says what it is about.
What to do: ${hint}
${more === undefined ? '' : `\n${more}`}
All codes: ${ERRORS_PATH}. All operations: ${OPENAPI_PATH}
`;
}

function codes(): ErrorCode[] {
  return Object.keys(ERRORS).filter(isErrorCode).toSorted();
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
