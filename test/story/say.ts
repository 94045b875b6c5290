/** `node test/story/say.ts FILE…` plays story files and prints what came of them, to be read, judged and only then expected. */
import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { playStory, Story } from './story.ts';

for (const file of process.argv.slice(2)) {
  const story = Story.parse(parse(readFileSync(file, 'utf8')));
  const startedMs = performance.now();
  const outcome = await playStory(story);
  process.stdout.write(`# ${file}: ${story.title} (${Math.round(performance.now() - startedMs)} ms)\n`);
  process.stdout.write(stringify({ expect: outcome }, { lineWidth: 0 }));
}
