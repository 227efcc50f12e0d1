# What bash offers, one a line: ask.bash SCRIPT WORD…, the words as readline parts them.
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
function="$(complete -p ecr-mirror)"
function="${function#*-F }"
"${function%% *}"
printf '%s\n' "${COMPREPLY[@]}"
