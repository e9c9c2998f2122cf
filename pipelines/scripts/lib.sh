# shellcheck shell=bash
# What the scripts of this folder share. Sourced, never run.

# Ends with what is wrong and what to do, as an annotation where a pipeline shows those.
fail() {
  local words=${1//##/#·} code=${2:-2}
  words=${words//$'\n'/ }
  case "${TF_BUILD:-}${GITHUB_ACTIONS:-}" in
    True*) printf '##vso[task.logissue type=error]%s\n' "$words" >&2 ;;
    true) printf '::error::%s\n' "$words" >&2 ;;
    *) printf 'error: %s\n' "$words" >&2 ;;
  esac
  exit "$code"
}

# Prints the comment at the head of the script that was called: its help.
show_help() {
  sed -n '2,/^[^#]/{s/^# \{0,1\}//;t p;b;:p;p;}' "$0"
  exit 0
}

# value_of OPTION [VALUE]: the value of an option, which must be there.
value_of() {
  if [ -z "${2-}" ]; then fail "$(basename "$0"): $1 wants a value; see $(basename "$0") --help"; fi
  printf '%s' "$2"
}

# wanted OPTION VALUE …: all that is missing, at once.
wanted() {
  local missing=''
  while [ $# -gt 0 ]; do
    [ -n "$2" ] || missing="$missing $1"
    shift 2
  done
  [ -z "$missing" ] || fail "$(basename "$0"): missing:$missing; see $(basename "$0") --help"
}

unknown() { fail "$(basename "$0"): \"$1\" is no option of it; see $(basename "$0") --help"; }

# Only a digest names one content: a tag may be another image a moment later.
by_digest() {
  [[ "$1" =~ ^[a-z0-9][A-Za-z0-9.:-]*/[a-z0-9][a-z0-9._/-]*@sha256:[0-9a-f]{64}$ ]] ||
    fail "$(basename "$0"): --image wants registry/repository@sha256:…, got \"$1\"; a tag may be moved while this runs"
}

# set_output NAME VALUE: an output variable of the step, where a pipeline has those. Values come from this folder's scripts and hold one line.
set_output() {
  [[ "$2" != *$'\n'* && "$2" != *'##'* ]] || fail "output variable $1 holds what an agent could obey"
  if [ "${TF_BUILD:-}" = True ]; then printf '##vso[task.setvariable variable=%s;isOutput=true]%s\n' "$1" "$2" >&2; fi
  if [ "${GITHUB_ACTIONS:-}" = true ]; then printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; fi
}

# Passes on what a program says about content from elsewhere, in which an agent could find an order: it looks for ##vso[ and ##[ anywhere, for :: where a
# line begins, and overlooks invisible characters. One # a line makes none.
without_orders() { LC_ALL=C sed -u -E 's/\r/ /g; s/#/·/2g; s/^([^!-~]*):/\1·/'; }

need_program() {
  command -v "$1" >/dev/null || fail "$(basename "$0"): the program \"$1\" is not on PATH; $2"
}

# Azure Pipelines leaves $(NAME) as it is when there is no such variable: that is no key.
without_unset_variables() {
  # shellcheck disable=SC2016 # those very characters are meant
  if [[ "${TEMPORAL_API_KEY:-}" == '$('* || -z "${TEMPORAL_API_KEY:-}" ]]; then unset TEMPORAL_API_KEY; fi
}
