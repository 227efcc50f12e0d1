import { EXCUSES, OF_EVERY_MIRROR, WAITING } from './excuses';
import { nearMissesOfOptIns, OPT_IN_PARTIES } from './near-misses-of-opt-ins';
import { tellOptIns } from './opt-ins';
import { prove } from './proof';

prove({
  tell: tellOptIns,
  excuses: [...EXCUSES, OF_EVERY_MIRROR, ...WAITING],
  parties: OPT_IN_PARTIES,
  nearMisses: ({ template }) => nearMissesOfOptIns(template),
  atLeast: 60,
});
