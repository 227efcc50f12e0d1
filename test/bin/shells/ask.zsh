# What zsh offers for each line, one a line, then DONE: ask.zsh SCRIPT OFFERS LINE… It has to be asked at a terminal, where Tab is
# pressed.
zmodload zsh/zpty
script=$1 offers=$2
shift 2
zpty asked zsh -f -i
zpty -w asked "script=${(q)script} offers=${(q)offers}"
zpty -w asked 'setopt extendedglob; autoload -Uz compinit; compinit -u -D; source $script'
# Calls that only fill arrays offer nothing yet.
zpty -w asked 'compadd() {
  if [[ " ${@[1,(i)(-|--)]} " == *\ -[a-zA-Z12]#[OAD]\ * ]]; then builtin compadd "$@"; return $?; fi
  local -a hits; builtin compadd -A hits "$@"; (( $#hits )) && print -rl -- $hits >> $offers; builtin compadd "$@"
}'
zpty -w asked 'press_tab() { _main_complete; print -r -- DONE >> $offers }; zle -C press_tab complete-word press_tab'
zpty -w asked 'bindkey "^I" press_tab; bindkey "^U" kill-whole-line'
done=0
for line in "$@"; do
  (( done += 1 ))
  zpty -w -n asked $'\x15'"$line"$'\t'
  repeat 400; do
    [[ -f $offers ]] && (( $(grep -cx DONE $offers) >= done )) && break
    sleep 0.02
  done
done
zpty -d asked
