#!/usr/bin/env bash
# Shows a plan on its pull request: one comment, made by the first run and rewritten by each later one.
#
#   github-comment.sh FILE
#
# From the environment: GH_TOKEN (may write to pull requests), GITHUB_REPOSITORY, PULL_REQUEST (its number), COMMIT, RUN_URL.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

[ $# -eq 1 ] || usage 'github-comment.sh FILE'
file=$1
: "${GH_TOKEN:?}" "${GITHUB_REPOSITORY:?}" "${PULL_REQUEST:?}" "${COMMIT:?}" "${RUN_URL:?}"
marker='<!-- auditscope: plan -->'
body=$(mktemp)
trap 'rm -f "$body"' EXIT
{
    printf '%s\n' "$marker"
    cat "$file"
    # shellcheck disable=SC2016  # backquotes of Markdown
    printf '\nOf commit `%s`, by [this run](%s).\n' "$COMMIT" "$RUN_URL"
} >"$body"

# Only what the workflow's own token wrote is ours: anybody can write a comment that starts with the marker.
mine=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments?per_page=100" \
    --jq ".[] | select(.user.login == \"github-actions[bot]\" and (.body | startswith(\"$marker\"))) | .id")
first=${mine%%$'\n'*}
if [ -n "$first" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$first" --field "body=@$body"
else
    gh api --silent --method POST "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments" --field "body=@$body"
fi
