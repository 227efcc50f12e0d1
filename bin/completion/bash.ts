import type { Flag } from '../flags';
import { type CompletedCommand, type Values, valuesOf } from './spec';

/** For bash from 3.2 on; it needs nothing of the package bash-completion. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  return `# Completion of ecr-mirror for bash: source <(ecr-mirror completion bash)

_ecr_mirror_offer() {
  local word
  while IFS= read -r word; do COMPREPLY+=("$word"); done
}

_ecr_mirror_words() {
  # Of a list, what is behind the last comma.
  local begun=
  [[ $cur == *,* ]] && begun="\${cur%,*},"
  _ecr_mirror_offer < <(compgen -P "$begun" -W "$1" -- "\${cur##*,}")
}

_ecr_mirror_files() {
  compopt -o filenames 2>/dev/null
  _ecr_mirror_offer < <(compgen -f -- "$cur")
}

# bash parts words at colons: what is behind one is a word of its own.
_ecr_mirror_layouts() {
  if [[ $cur == : || $previous == : ]]; then
    [[ $cur == : ]] && cur=
    _ecr_mirror_files
    return
  fi
  compopt -o nospace 2>/dev/null
  _ecr_mirror_offer < <(compgen -W 'oci: oci-archive:' -- "$cur")
}

_ecr_mirror() {
  local cur=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]} flag
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _ecr_mirror_words '${names} help --help --version'
    return
  fi
  # \`--flag VALUE\`, and \`--flag=VALUE\`, which bash parts at the sign.
  flag=$previous
  [[ $cur == = ]] && cur=
  [[ $previous == = ]] && flag=\${COMP_WORDS[COMP_CWORD - 2]}
  [[ $previous == : && $COMP_CWORD -gt 3 ]] && flag=\${COMP_WORDS[COMP_CWORD - 3]}
  [[ $cur == : && $COMP_CWORD -gt 2 ]] && flag=\${COMP_WORDS[COMP_CWORD - 2]}
  case $flag in
${flagCases(commands)}
  esac
  case $command in
    help) _ecr_mirror_words '${names}' ;;
${commands.map(commandCase).join('\n')}
  esac
}

complete -F _ecr_mirror ecr-mirror
`;
}

/** Flags are called the same in all commands, so their values need no command. */
function flagCases(commands: readonly CompletedCommand[]): string {
  const flags = new Map(commands.flatMap((command) => command.flags.map((flag) => [flag.name, flag])));
  const byAction = new Map<string, string[]>();
  for (const flag of flags.values()) {
    const values = valuesOf(flag);
    if (values === undefined) continue;
    const action = actionOf(values);
    byAction.set(action, [...(byAction.get(action) ?? []), ...spellings(flag)]);
  }
  return [...byAction]
    .map(([action, names]) => `    ${names.join(' | ')}) ${action === '' ? '' : `${action}; `}return ;;`)
    .join('\n');
}

/** Flags are offered where a dash is begun, and where nothing else is known. */
function commandCase({ name, flags, values }: CompletedCommand): string {
  const offerFlags = `_ecr_mirror_words '${flags.flatMap(spellings).join(' ')}'`;
  const action = actionOf(values);
  if (action === '') return `    ${name}) ${offerFlags} ;;`;
  return `    ${name})
      if [[ $cur == -* ]]; then ${offerFlags}
      else ${action}; fi ;;`;
}

function actionOf(values: Values): string {
  if (values.kind === 'files') return '_ecr_mirror_files';
  if (values.kind === 'layouts') return '_ecr_mirror_layouts';
  return values.kind === 'words' ? `_ecr_mirror_words '${values.words.join(' ')}'` : '';
}

function spellings({ name, short }: Flag): readonly string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
}
