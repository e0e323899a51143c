#!/usr/bin/env bash
# Applies the plan that plan.sh saved.
#
#   apply.sh DIRECTORY [plain|approved]
#
# `approved` says that a person has seen the plan's losses and agreed to them: each approval that this very plan asks for
# is then given. Without it the tool refuses such a plan with 4, before anything is written.
#
# Ends with the code of `auditscope apply`, and says what to do next.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

[ $# -eq 1 ] || [ $# -eq 2 ] || usage 'apply.sh DIRECTORY [plain|approved]'
place=$1
approval=${2:-plain}
allow=()
case $approval in
plain) ;;
approved)
    # Each command by itself, so that a failure of either ends the script before the apply.
    auditscope show "$place/plan.json" --format json >"$place/shown.json"
    jq --raw-output '[.changes[].needs[]?] | unique | .[]' "$place/shown.json" >"$place/needs"
    while IFS= read -r need; do
        say notice "approved: $need"
        allow+=(--allow "$need")
    done <"$place/needs"
    ;;
*) usage 'apply.sh DIRECTORY [plain|approved]' ;;
esac

code=0
# `${allow[@]+…}`: an empty list is an unset variable to bash before 4.4.
auditscope apply "$place/plan.json" --auto-approve --lock-timeout 10m ${allow[@]+"${allow[@]}"} || code=$?
case $code in
0) say notice "The account matches the blueprint." ;;
4) say error "The plan was not carried out: it has changes that need a person's approval, and this job has none." ;;
5) say error "What was written could not be read back whole: grant what is named above, then run the pipeline again." ;;
6) say error "The plan was not carried out: another run holds the lock of this scope. It is named above; run this job again when it has ended." ;;
7) say error "The plan was not carried out: the account or the blueprint has moved since the plan was saved, and what moved is named above. Run the whole pipeline again, from its plan, and review the new plan." ;;
130) say error "Interrupted: what was done is listed above. Run the whole pipeline again; its plan is what is left to do." ;;
*) say error "The apply failed (exit code $code). Nothing has to be cleaned up by hand: repair what is named above and run the whole pipeline again." ;;
esac
exit "$code"
