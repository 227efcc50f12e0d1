import type { Flag } from '../flags';
import { type CompletedCommand, type Values, valuesOf } from './spec';

/** For zsh with its completion system (compinit), sourced or as a file `_ecr-mirror` of its fpath. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  return `#compdef ecr-mirror
# Completion of ecr-mirror for zsh: source <(ecr-mirror completion zsh)

_ecr_mirror_layouts() {
  if compset -P 'oci:' || compset -P 'oci-archive:'; then _files; else compadd -S '' -- oci: oci-archive:; fi
}

_ecr_mirror() {
  local -a commands
  commands=(
${described.join('\n')}
    ${quoted('help:show the help of a command')}
  )
  if (( CURRENT == 2 )); then
    _describe -t commands command commands
    [[ $words[2] == -* ]] && compadd -- --help --version
    return
  fi
  shift words
  (( CURRENT -= 1 ))
  case $words[1] in
    help) _describe -t commands command commands ;;
${commands.map(commandCase).join('\n')}
  esac
}

if [[ $funcstack[1] == _ecr_mirror ]]; then _ecr_mirror "$@"; else compdef _ecr_mirror ecr-mirror; fi
`;
}

function commandCase({ name, flags, values }: CompletedCommand): string {
  const specs = [...flags.map(flagSpec), quoted(`*:argument:${actionOf(values)}`)];
  return `    ${name})
      _arguments -S \\
        ${specs.join(' \\\n        ')} ;;`;
}

function flagSpec(flag: Flag): string {
  const { name, short, list, optional, value, help } = flag;
  const about = `[${help.replace(/[[\]\\]/g, '\\$&')}]`;
  const values = valuesOf(flag);
  const label = (value ?? '').replace(/:/g, '\\:');
  const takes = values === undefined ? (optional === true ? `:: :` : '') : `:${label}:${actionOf(values)}`;
  const spelled = `--${name}${value === undefined ? '' : optional === true ? '=-' : '='}`;
  const again = list === true ? '*' : '';
  if (short === undefined) return quoted(`${again}${spelled}${about}${takes}`);
  return `'(-${short} --${name})'{-${short}${value === undefined ? '' : '+'},${spelled}}${quoted(`${about}${takes}`)}`;
}

function actionOf(values: Values): string {
  if (values.kind === 'files') return '_files';
  if (values.kind === 'layouts') return '_ecr_mirror_layouts';
  return values.kind === 'words' ? `_values -s , value ${values.words.join(' ')}` : ' ';
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
