/** What failed, Try again, and the code to quote. */
import { useT } from '../i18n/i18n.ts';
import type { Key } from '../i18n/catalogue.ts';
import { Button } from './Button.tsx';
import { Glyph } from './Glyph.tsx';

/** Every code of the server's catalogue, and those of the page itself. */
export const ERROR_WORDS: Readonly<Record<string, Key>> = {
  unreachable: 'errors.unreachable',
  forbidden: 'errors.forbidden',
  'not-found': 'errors.notFound',
  'answer-invalid': 'errors.answerInvalid',
  'server-error': 'errors.serverError',
  'server-starting': 'errors.serverStarting',
  'storage-full': 'errors.storageFull',
  conflict: 'errors.conflict',
  'method-not-allowed': 'errors.notOffered',
  'transition-not-allowed': 'errors.transition',
  'cause-missing': 'errors.causeMissing',
  'name-taken': 'errors.nameTaken',
  'rule-in-use': 'errors.ruleInUse',
  'rules-full': 'errors.rulesFull',
  'views-full': 'errors.viewsFull',
  'input-invalid': 'errors.inputInvalid',
  'body-too-large': 'errors.bodyTooLarge',
  'not-signed-in': 'errors.notSignedIn',
  'sign-in-failed': 'errors.signInFailed',
  'sign-in-locked': 'errors.signInLocked',
  'cross-site': 'errors.crossSite',
  'intake-full': 'errors.intakeFull',
  'asset-number-taken': 'errors.assetNumberTaken',
  'file-unreadable': 'errors.fileUnreadable',
  'clear-level-invalid': 'errors.clearLevelInvalid',
  'metric-unknown': 'errors.metricUnknown',
  'range-invalid': 'errors.rangeInvalid',
  'question-too-large': 'errors.questionTooLarge',
  'last-administrator': 'errors.lastAdministrator',
  'own-account': 'errors.ownAccount',
  'form-unknown': 'errors.formUnknown',
  'mappings-full': 'errors.mappingsFull',
  'write-targets-full': 'errors.writeTargetsFull',
  'release-key-missing': 'errors.releaseKeyMissing',
  'release-in-use': 'errors.releaseInUse',
  'rollout-active': 'errors.rolloutActive',
  'nobody-to-upgrade': 'errors.nobodyToUpgrade',
  busy: 'errors.busy',
};

interface Coded {
  readonly code: string;
  readonly message: string;
}

function isCoded(error: unknown): error is Coded {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

/** The sentence for an error in the reader's language. */
export function useErrorWords(): (error: unknown) => string {
  const t = useT();
  return (error) => t((isCoded(error) ? ERROR_WORDS[error.code] : undefined) ?? 'errors.unknown');
}

export function ErrorPanel({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useT();
  const words = useErrorWords();
  // What is not there is not there at the second try either.
  const isGone = isCoded(error) && error.code === 'not-found';
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-3 gap-y-2 py-3">
      <span className="flex items-center gap-1.5 font-medium text-text">
        <Glyph name="triangle" className="text-warn-fg" />
        {words(error)}
      </span>
      {retry && !isGone && (
        <Button size="small" onClick={retry}>
          {t('ui.tryAgain')}
        </Button>
      )}
      <code className="w-full text-11 break-words text-text-3">
        {isCoded(error) ? `${error.code}: ${error.message}` : String(error)}
      </code>
    </div>
  );
}
