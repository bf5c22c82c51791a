#!/bin/bash
# MariaDB frozen, killed and back again, under the feet of the pool: every caller gets a problem document in time, what was
# acknowledged is there afterwards, and nobody has to be restarted.
set -euo pipefail

# shellcheck source=scripts/stack.sh
source "$(dirname "$0")/../scripts/stack.sh"
address=${PURSER_URL:?}
stack_use "$PURSER_VAR" "$PURSER_BUILD" "${address##*:}"
pid= # what stack_alive leaves

number=0
failed=0
replies=$(mktemp --directory)
reply=$replies/one
trap 'rm -rf "$replies"' EXIT

# ok status sentence
ok() {
	number=$((number + 1))
	if (($1 == 0)); then
		printf 'ok %d - %s\n' "$number" "$2"
	else
		printf 'not ok %d - %s\n' "$number" "$2"
		sed 's/^/# /' "$reply"
		failed=1
	fi
}

# holds sentence command...: the command has to succeed.
holds() {
	local result=0

	"${@:2}" || result=1
	ok "$result" "$1"
}

# ask path [curl's options]: the status goes to `status`, head and body to the file of the reply.
ask() {
	local path=$1
	shift
	curl --silent --include --output "$reply" --write-out '%{http_code}' --max-time 30 --cacert "$PURSER_CA" "$@" \
		"$PURSER_URL$path" >"$reply.status" || true
	status=$(<"$reply.status")
}

# Those that would wait for a frozen server are asked at once.
ask_at_once() {
	local name

	for name in "$@"; do
		(
			reply=$replies/$name
			"$name"
		) &
	done
	wait
}

# told name: as if it had been asked just now.
told() {
	reply=$replies/$1
	status=$(<"$reply.status")
}

read_balance() {
	ask /v1/billing/credits/balance --header "Authorization: Bearer $PURSER_API_KEY"
}

give() {
	ask /v1/billing/grants/create --header "Authorization: Bearer $PURSER_ADMIN_KEY" --header "Idempotency-Key: $1" \
		--json "{\"organization_id\":\"$PURSER_ORG\",\"credits\":1,\"source\":\"goodwill\"}"
}

# shellcheck disable=SC2317 # they are called by their names
ask_ready() { ask /v1/health/ready; }
# shellcheck disable=SC2317
ask_live() { ask /v1/health/live; }
# shellcheck disable=SC2317
ask_metrics() { curl --silent --output "$reply" --write-out '%{http_code} %{time_total}' --max-time 60 "$PURSER_METRICS_URL" >"$reply.status" || true; }
# shellcheck disable=SC2317
give_second() { give "database-$$-2"; }

# expect status... sentence: of the last reply; every refusal is a problem document that says when to come again.
expect() {
	local sentence=${!#} wanted result=1

	for wanted in "${@:1:$#-1}"; do
		[[ $status != "$wanted" ]] || result=0
	done
	if [[ $status == 5* ]]; then
		grep --quiet --ignore-case '^content-type: application/problem+json' "$reply" || result=1
		grep --quiet --ignore-case '^retry-after: ' "$reply" || result=1
	fi
	ok "$result" "$sentence"
}

# Asks until it is 200, for 30 seconds.
comes_back() {
	local deadline=$((SECONDS + 30))

	until "${@:2}" && [[ $status == 200 ]] || ((SECONDS > deadline)); do
		sleep 0.1
	done
	expect 200 "$1"
}

give "database-$$-1"
expect 200 'credits are given'
read_balance
expect 200 'a balance is read'

stack_alive mariadb
kill -s STOP "$pid"
began=$SECONDS
ask_at_once ask_ready read_balance give_second ask_live ask_metrics
told ask_ready
expect 503 504 'with MariaDB frozen, the pool is not ready'
told read_balance
expect 503 504 'a read is refused'
told give_second
expect 503 504 'a write, too'
told ask_live
expect 200 'but the pool lives'
told ask_metrics
read -r status seconds <<<"$status"
expect 200 'and tells its metrics'
holds 'for which it waited once, and tried to connect once, not for every gauge' test "${seconds%.*}" -le 16
reply=$replies/one
holds 'and none of that took for ever' test $((SECONDS - began)) -le 30
kill -s CONT "$pid"
comes_back 'MariaDB goes on, and so do reads' read_balance
comes_back 'and the write that was refused' give_second

kill -s KILL "$pid"
read_balance
expect 503 'with MariaDB killed, a read is refused'
give "database-$$-3"
expect 503 'a write, too'
ask_ready
expect 503 'and the pool is not ready'
stack_directories
exec {stack_lock}</dev/null # what stack_spawn keeps from what it starts
stack_mariadb_start
comes_back 'MariaDB is back, and so are reads' read_balance
give "database-$$-1"
expect 200 'what was acknowledged before is there'
holds 'and is not done twice' grep --quiet --ignore-case '^idempotent-replayed: true' "$reply"
comes_back 'and the write that was refused is done now' give "database-$$-3"
ask /v1/billing/credits/verify --header "Authorization: Bearer $PURSER_API_KEY"
holds 'the ledger is whole' grep --quiet '"consistent":true' "$reply"
printf '1..%d\n' "$number"
exit "$failed"
