import { SHELLS } from '../../bin/completion/spec';
import { completionSuite } from '../bin/shells/suite';
import { describeWith } from './needs';

for (const shell of SHELLS) describeWith([shell], `completion in a real ${shell}`, () => completionSuite(shell));
