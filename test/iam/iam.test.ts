import { EXCUSES, PULLING } from './excuses';
import { nearMisses, PARTIES } from './near-misses';
import { prove } from './proof';
import { tellStory } from './story';

prove({
  tell: tellStory,
  excuses: [...EXCUSES, PULLING],
  parties: PARTIES,
  nearMisses: ({ template }) => nearMisses(template),
  atLeast: 70,
});
