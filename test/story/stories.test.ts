import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { playStory, Story } from './story.ts';

const folder = join(import.meta.dirname, 'stories');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .toSorted();
const stories = files.map((file) => ({
  file,
  story: Story.parse(parse(readFileSync(join(folder, file), 'utf8'))),
}));

test.each(stories.map(({ file, story }) => ({ file, story, shows: story.shows.join('] [') })))(
  '[$shows] $file: $story.title',
  async ({ story }) => {
    expect(await playStory(story)).toEqual(story.expect);
  },
);

test('no two stories have one title, and each expects something', () => {
  expect(new Set(stories.map(({ story }) => story.title)).size).toBe(stories.length);
  for (const { file, story } of stories)
    expect([file, Object.keys(story.expect).length > 0]).toEqual([file, true]);
});
