/** Answers in the language and packing of the question. */
import { DELIVERY_HOURS } from './limits.ts';

export type ReplyForm = 'xml' | 'json';

export type Reply =
  | { readonly kind: 'prolog' }
  | { readonly kind: 'contact' }
  | { readonly kind: 'taken' }
  | { readonly kind: 'error'; readonly message: string };

/**
 * `PROLOG_FREQ` and `expiration` are hours. GLPI agents take an answer without `expiration` for none at all; those that
 * announce themselves (GLPI-Agent-ID) get JSON even for an XML prolog, and speak JSON from then on.
 */
export function replyText(reply: Reply, form: ReplyForm): string {
  return form === 'json' ? JSON.stringify(jsonReply(reply)) : xmlReply(reply);
}

/** Categories that agents need not collect: they would be thrown away. */
const UNWANTED = 'environment,process';
/** Tasks that this server has no use for. */
const DISABLED = ['collect', 'deploy', 'esx', 'netdiscovery', 'netinventory', 'remoteinventory', 'wakeonlan'];

function jsonReply(reply: Reply): object {
  const ok = { status: 'ok', expiration: DELIVERY_HOURS };
  if (reply.kind === 'error') return { status: 'error', message: reply.message };
  if (reply.kind !== 'contact') return ok;
  return {
    ...ok,
    tasks: { inventory: { server: 'glpi', version: '10.0.0', 'no-category': UNWANTED } },
    disabled: DISABLED,
  };
}

function xmlReply(reply: Reply): string {
  if (reply.kind === 'error') return xml(`<ERROR>${escaped(reply.message)}</ERROR>`);
  const frequency = reply.kind === 'prolog' ? `<PROLOG_FREQ>${DELIVERY_HOURS}</PROLOG_FREQ>` : '';
  return xml(`${frequency}<RESPONSE>SEND</RESPONSE>`);
}

function xml(content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<REPLY>${content}</REPLY>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
