#!/usr/bin/env bash
# Checks a blueprint and saves a plan for it.
#
#   plan.sh BLUEPRINT DIRECTORY
#
# Reads only. Leaves in DIRECTORY:
#   findings.sarif  what `validate` found
#   plan.json       the saved plan, for apply.sh; not there if no plan could be made
#   plan.md         the plan for people, or why there is none
#   verdict         ok, differences, needs_person, findings, incomplete, error: also the step output `verdict` on GitHub
#
# Ends with 0 if there is a plan to look at, whatever is in it; else with the code of the command that failed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

[ $# -eq 2 ] || usage 'plan.sh BLUEPRINT DIRECTORY'
blueprint=$1
place=$2
mkdir -p "$place"
# A plan of an earlier run is not this one's.
rm -f "$place/plan.json"

# Ends without a plan.
give_up() {
    local code=$1 text=$2
    rm -f "$place/plan.json"
    say error "$text"
    printf '**There is no plan.** %s The log of the job says more.\n' "$text" >"$place/plan.md"
    hand_on "$place" "$(verdict_of "$code")"
    exit "$code"
}

code=0
auditscope validate "$blueprint" --strict --format sarif >"$place/findings.sarif" || code=$?
case $code in
0) ;;
3) give_up 3 "The blueprint has findings: repair each, or waive it in the blueprint with an owner, a reason and an end." ;;
*) give_up "$code" "The blueprint is not valid." ;;
esac

code=0
auditscope plan "$blueprint" -o "$place/plan.json" --detailed-exitcode --format markdown >"$place/plan.md" || code=$?
case $code in
0) say notice "The account matches the blueprint: there is nothing to apply." ;;
2) say notice "There are changes to review." ;;
4) say warning "Some change loses evidence or cannot be undone, and needs a person: see the end of the plan." ;;
5)
    # What could be read is shown; a plan with holes is not for applying.
    rm -f "$place/plan.json"
    say error "Something could not be read, so this plan is not whole: the plan names the permission that is missing."
    ;;
*) give_up "$code" "The plan could not be made (exit code $code)." ;;
esac
hand_on "$place" "$(verdict_of "$code")"
case $code in
0 | 2 | 4) ;;
*) exit "$code" ;;
esac
if [ ! -s "$place/plan.json" ]; then
    give_up 1 "The plan was shown but not saved."
fi
