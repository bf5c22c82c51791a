#!/bin/bash
# The last test of the suite: the workers and jobs of every stack under test end as they should, and the sanitizers have
# seen nothing, neither while they ran nor at their end.
# alone: it ends what the others run on
set -euo pipefail

# shellcheck source=scripts/stack.sh
source "$(dirname "$0")/../scripts/stack.sh"
address=${PURSER_URL:?}
stacks=("$PURSER_VAR")
if [[ -n ${PURSER_STACKS:-} ]]; then
	stacks=("$PURSER_STACKS"/*/environment)
	stacks=("${stacks[@]%/environment}")
fi

number=0
failed=0

# ok status sentence
ok() {
	number=$((number + 1))
	if (($1 == 0)); then
		printf 'ok %d - %s\n' "$number" "$2"
	else
		printf 'not ok %d - %s\n# in %s\n' "$number" "$2" "$var"
		failed=1
	fi
}

# ends name: within five seconds of a SIGTERM, with nothing of it left.
ends() {
	local name=$1 pid left deadline=$((SECONDS + 6))

	stack_alive "$name" || return 1
	kill -s TERM "$pid"
	while stack_alive "$name" && ((SECONDS < deadline)); do
		sleep 0.05
	done
	stack_left_behind "$name"
	((${#left[@]} == 0))
}

for stack in "${stacks[@]}"; do
	stack_use "$stack" "$PURSER_BUILD" "${address##*:}"
	for name in purser-fcgi purser-jobs; do
		status=0
		ends "$name" || status=1
		ok "$status" "$name ends within five seconds of a SIGTERM and leaves no process behind"
	done

	status=0
	for report in "$var"/log/*; do
		if grep --quiet --text --extended-regexp 'runtime error: |ERROR: [A-Za-z]+Sanitizer' "$report"; then
			head --lines=60 "$report" | sed 's/^/# /'
			status=1
		fi
	done
	ok "$status" 'no sanitizer had anything to report'
done
printf '1..%d\n' "$number"
exit "$failed"
