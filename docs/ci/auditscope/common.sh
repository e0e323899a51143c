# Sourced by the scripts beside it; bash.
# shellcheck shell=bash

# Prints the verdict that an exit code stands for: the table of docs/exit-codes.md.
verdict_of() {
    case "$1" in
    0) echo ok ;;
    2) echo differences ;;
    3) echo findings ;;
    4) echo needs_person ;;
    5) echo incomplete ;;
    6) echo locked ;;
    7) echo stale ;;
    130) echo interrupted ;;
    *) echo error ;;
    esac
}

# Hands a verdict to the jobs that follow: a file for GitLab and people, a step output on GitHub. The tool writes such an
# output for each of its commands; the last one counts, and this is the last.
hand_on() {
    local place=$1 verdict=$2
    printf '%s\n' "$verdict" >"$place/verdict"
    if [ -n "${GITHUB_OUTPUT:-}" ]; then
        printf 'verdict=%s\n' "$verdict" >>"$GITHUB_OUTPUT"
    fi
}

# Says something where the pipeline's readers see it. LEVEL is notice, warning or error; the text is one line.
say() {
    local level=$1 text=$2
    if [ "${GITHUB_ACTIONS:-}" = true ]; then
        printf '::%s::%s\n' "$level" "$text"
    else
        printf '%s: %s\n' "$level" "$text" >&2
    fi
}

# Ends a script that was called the wrong way.
usage() {
    say error "usage: $1"
    exit 64
}
