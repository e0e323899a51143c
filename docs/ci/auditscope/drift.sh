#!/usr/bin/env bash
# Asks whether the account is still as the blueprint says, and keeps the answer.
#
#   drift.sh BLUEPRINT DIRECTORY [markdown|junit]...
#
# Reads only. Leaves in DIRECTORY drift.md or drift.xml for each form asked for (markdown without any), and `verdict`: ok,
# differences, incomplete or error.
#
# Ends with the code of `auditscope drift`: 0, 2 for drift, 5 if something could not be read, 130, and 1 for every other. The
# account is read once for each form; if the answers differ, the one that weighs more counts.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

[ $# -ge 2 ] || usage 'drift.sh BLUEPRINT DIRECTORY [markdown|junit]...'
blueprint=$1
place=$2
shift 2
[ $# -gt 0 ] || set -- markdown
mkdir -p "$place"

codes=' '
for form in "$@"; do
    case $form in
    markdown) file=$place/drift.md ;;
    junit) file=$place/drift.xml ;;
    *) usage 'drift.sh BLUEPRINT DIRECTORY [markdown|junit]...' ;;
    esac
    code=0
    auditscope drift "$blueprint" --format "$form" >"$file" || code=$?
    case $code in
    0 | 2 | 5 | 130) ;;
    *) code=1 ;; # whatever it was, it was no answer
    esac
    codes="$codes$code "
done

# The heaviest first.
for worst in 1 5 130 2 0; do
    case $codes in
    *" $worst "*) break ;;
    esac
done
case $worst in
0) say notice "No drift." ;;
2) say warning "The account is not as the blueprint says." ;;
5) say error "Something could not be read: \"no drift\" cannot be said." ;;
*) say error "The check failed (exit code $worst)." ;;
esac
hand_on "$place" "$(verdict_of "$worst")"
exit "$worst"
