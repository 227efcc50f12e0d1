import { newSecret } from '../../local/canary';

// No test of its own: leaks.test.ts runs it, to see it fail.
it('says nothing', () => {});
it('says a secret', () => console.log(`hello ${newSecret()}`));
it('writes a secret', () => void process.stderr.write(newSecret()));
it('says nothing again', () => {});
afterAll(() => console.warn(newSecret()));
