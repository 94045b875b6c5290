/** Where the server itself sends requests to, as people configure it. */
import { z } from 'zod';

/** Of HTTP, without user and password: those would be sent to whoever answers, and shown to whoever reads. */
export const WebAddress = z
  .url({ protocol: /^https?$/ })
  .max(2_000)
  .refine(
    (text) => {
      if (!URL.canParse(text)) return false;
      const { username, password } = new URL(text);
      return username === '' && password === '';
    },
    { error: 'must be without user and password' },
  );
