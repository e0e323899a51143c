#!/usr/bin/env bash
# Shows a plan on its merge request: one note, made by the first pipeline and rewritten by each later one.
#
#   gitlab-note.sh FILE
#
# From the environment: AUDITSCOPE_GITLAB_TOKEN (a project access token with the role Reporter and the scope `api`; a
# job's own token may not write notes), and what GitLab sets: CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID, CI_COMMIT_SHA, CI_JOB_URL.
# Without the token nothing is written: the merge request links the plan as an artifact all the same.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

[ $# -eq 1 ] || usage 'gitlab-note.sh FILE'
file=$1
if [ -z "${AUDITSCOPE_GITLAB_TOKEN:-}" ]; then
    say notice "AUDITSCOPE_GITLAB_TOKEN is not set: no note is written."
    exit 0
fi
: "${CI_API_V4_URL:?}" "${CI_PROJECT_ID:?}" "${CI_MERGE_REQUEST_IID:?}" "${CI_COMMIT_SHA:?}" "${CI_JOB_URL:?}"
api="$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes"
marker='<!-- auditscope: plan -->'
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
# The token stands in a file of curl's options, not among its arguments, which every process of the machine can read.
printf 'header = "PRIVATE-TOKEN: %s"\n' "$AUDITSCOPE_GITLAB_TOKEN" >"$place/options"
call() {
    curl --config "$place/options" --silent --show-error --fail-with-body --retry 3 "$@"
}

{
    printf '%s\n' "$marker"
    cat "$file"
    # shellcheck disable=SC2016  # backquotes of Markdown
    printf '\nOf commit `%s`, by [this job](%s).\n' "$CI_COMMIT_SHA" "$CI_JOB_URL"
} >"$place/body"

# Only what this token's own user wrote is ours: anybody can write a note that starts with the marker.
call "$CI_API_V4_URL/user" >"$place/user"
me=$(jq --raw-output .id "$place/user")
page=1
first=''
while [ -z "$first" ]; do
    call "$api?per_page=100&page=$page&sort=asc&order_by=created_at" >"$place/notes"
    first=$(jq --raw-output --arg marker "$marker" --argjson me "$me" \
        'first(.[] | select(.author.id == $me and (.body | startswith($marker))) | .id) // empty' "$place/notes")
    [ "$(jq length "$place/notes")" -eq 100 ] || break
    page=$((page + 1))
done
if [ -n "$first" ]; then
    call --request PUT --data-urlencode "body@$place/body" --output "$place/answer" "$api/$first"
else
    call --request POST --data-urlencode "body@$place/body" --output "$place/answer" "$api"
fi
