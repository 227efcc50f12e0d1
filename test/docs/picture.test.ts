import { spawnSync } from 'node:child_process';
import { read } from './documents';

describe('the picture of the walk', () => {
  it('is what its script draws', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/picture.mjs', '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('says in words what it shows, and has colours for light and for dark', () => {
    const svg = read('docs/images/walk.svg');
    expect(svg).toMatch(/<title id="title">.{20,}<\/title>\n<desc id="about">.{100,}<\/desc>/);
    expect(svg).toContain('@media (prefers-color-scheme: dark)');
    const [light = '', dark = ''] = svg.split('@media');
    const classes = (text: string) => [...text.matchAll(/\.(\w+)\{(?:fill|stroke):#/g)].map(([, name]) => name);
    expect(classes(dark)).toEqual(classes(light));
  });
});
