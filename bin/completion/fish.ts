import type { Flag } from '../flags';
import { type CompletedCommand, type Values, valuesOf } from './spec';

/** For fish from 3 on. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name);
  return `# Completion of ecr-mirror for fish: ecr-mirror completion fish | source

function __ecr_mirror_is
    set -l words (commandline -opc)
    test (count $words) -ge 2; and contains -- $words[2] $argv
end

function __ecr_mirror_starts
    test (count (commandline -opc)) -eq 1
end

function __ecr_mirror_layouts
    set -l word (commandline -ct)
    for scheme in oci: oci-archive:
        if string match -q -- "$scheme*" $word
            for path in (__fish_complete_path (string replace -- $scheme '' $word))
                echo $scheme$path
            end
            return
        end
        echo $scheme
    end
end

# Words, behind the last comma of a list.
function __ecr_mirror_words
    set -l begun (string match -r '^.*,' -- (commandline -ct))
    printf '%s\\n' "$begun"$argv
end

complete -c ecr-mirror -f
complete -c ecr-mirror -n __ecr_mirror_starts -l help -d 'show the help'
complete -c ecr-mirror -n __ecr_mirror_starts -l version -d 'show the version'
complete -c ecr-mirror -n __ecr_mirror_starts -a help -d 'show the help of a command'
${commands.map(({ name, summary }) => `complete -c ecr-mirror -n __ecr_mirror_starts -a ${name} -d ${quoted(summary)}`).join('\n')}
complete -c ecr-mirror -n '__ecr_mirror_is help' -a ${quoted(names.join(' '))}
${commands.flatMap(argumentLine).join('\n')}
${flagLines(commands).join('\n')}
`;
}

function argumentLine({ name, values }: CompletedCommand): readonly string[] {
  const action = actionOf(values);
  return action === '' ? [] : [`complete -c ecr-mirror -n '__ecr_mirror_is ${name}' ${action}`];
}

/** Each flag once, for all commands that take it. */
function flagLines(commands: readonly CompletedCommand[]): readonly string[] {
  const takers = new Map<string, { flag: Flag; names: string[] }>();
  for (const { name, flags } of commands) {
    for (const flag of flags) {
      const entry = takers.get(flag.name) ?? { flag, names: [] };
      entry.names.push(name);
      takers.set(flag.name, entry);
    }
  }
  return [...takers.values()].map(({ flag, names }) => {
    const { name, short, help } = flag;
    const values = valuesOf(flag);
    const takes = values === undefined ? '' : values.kind === 'files' ? ' -r -F' : ` -x ${actionOf(values)}`;
    const dashes = `${short === undefined ? '' : `-s ${short} `}-l ${name}`;
    return `complete -c ecr-mirror -n '__ecr_mirror_is ${names.join(' ')}' ${dashes}${takes.trimEnd()} -d ${quoted(help)}`;
  });
}

function actionOf(values: Values): string {
  if (values.kind === 'files') return '-F';
  if (values.kind === 'layouts') return "-a '(__ecr_mirror_layouts)'";
  return values.kind === 'words' ? `-a '(__ecr_mirror_words ${values.words.join(' ')})'` : '';
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
