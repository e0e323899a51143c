#!/usr/bin/env bash
# Keeps one issue about drift: opens it, rewrites it when the drift is another, closes it when there is none.
#
#   github-issue.sh DIRECTORY
#
# DIRECTORY is what drift.sh left: `verdict` and drift.md. With a verdict other than ok, differences and incomplete the
# issue is left as it is, since a check that failed says nothing.
# From the environment: GH_TOKEN (may write issues), GITHUB_REPOSITORY, RUN_URL.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

[ $# -eq 1 ] || usage 'github-issue.sh DIRECTORY'
verdict=$(cat "$1/verdict")
file=$1/drift.md
: "${GH_TOKEN:?}" "${GITHUB_REPOSITORY:?}" "${RUN_URL:?}"
title='The audit record is not as its blueprint says'
label='auditscope-drift'
issues="repos/$GITHUB_REPOSITORY/issues"

case $verdict in
ok | differences | incomplete) ;;
*)
    say error "The check ended with \"$verdict\": the issue is left as it is."
    exit 1
    ;;
esac

# The oldest open one that the workflow's own token made; by label, so that a person may reword the title.
mine=$(gh api --paginate "$issues?state=open&labels=$label&sort=created&direction=asc&per_page=100" \
    --jq '.[] | select(.user.login == "github-actions[bot]" and (has("pull_request") | not)) | .number')
number=${mine%%$'\n'*}

if [ "$verdict" = ok ]; then
    if [ -n "$number" ]; then
        gh api --silent --method POST "$issues/$number/comments" --raw-field "body=No drift any more: [this run]($RUN_URL)."
        gh api --silent --method PATCH "$issues/$number" --raw-field state=closed --raw-field state_reason=completed
    fi
    exit 0
fi

# The report's hash stands in the first line: the same drift on the next night is no news.
hash=$(sha256sum "$file")
marker="<!-- auditscope: drift ${hash%% *} -->"
body=$(mktemp)
trap 'rm -f "$body"' EXIT
{
    printf '%s\n' "$marker"
    if [ "$verdict" = incomplete ]; then
        printf '**Something could not be read, so there may be more than this.**\n\n'
    fi
    cat "$file"
    printf '\nFirst seen by [this run](%s). This issue is rewritten when the drift changes, and closed when it is gone.\n' "$RUN_URL"
} >"$body"

if [ -z "$number" ]; then
    gh label create "$label" --repo "$GITHUB_REPOSITORY" --force --color B60205 --description 'Found by the nightly check of the audit record'
    gh api --silent --method POST "$issues" --raw-field "title=$title" --field "body=@$body" --raw-field "labels[]=$label"
    exit 0
fi
before=$(gh api "$issues/$number" --jq .body)
case $before in
"$marker"*) ;;
*)
    gh api --silent --method PATCH "$issues/$number" --field "body=@$body"
    gh api --silent --method POST "$issues/$number/comments" --raw-field "body=The drift is another one now: [this run]($RUN_URL)."
    ;;
esac
