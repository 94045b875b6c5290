/** What a command answers; an agent that runs never comes here. */

let isListening = false;

/** Ends the process where nobody reads any more, as `| head` does: that is no fault. */
export function print(line: string): void {
  if (!isListening) {
    isListening = true;
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit();
      throw error;
    });
  }
  process.stdout.write(`${line}\n`);
}
