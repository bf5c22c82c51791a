# shellcheck shell=bash disable=SC2154 # what it leans on is of bench/run
# Row 10 of bench/run: the monthly run of many organizations against a tenth of them, each in a schema of its own, and what
# a second run of some months comes to.

# months_sql schema: statements from standard input, in that schema.
months_sql() {
	sed "1iUSE purser_$1;" | stack_sql
}

start_months() {
	local name=$1 count=$2

	say "Loading $count organizations with three months ..."
	stack_sql <<<"SET foreign_key_checks = 0; CREATE OR REPLACE DATABASE purser_$name CHARACTER SET utf8mb4"
	PURSER_DATABASE_NAME=purser_$name stack_control migrate >"$var/log/migrate-$name.out"
	sed "s/@COUNT@/$count/" "$root/bench/months.sql" | months_sql "$name" >"$var/log/load-$name.out"
	months_sql "$name" <<<"SELECT CONCAT(token, ' ', LOWER(HEX(organization_id))) FROM bench.months_token ORDER BY number LIMIT 50" |
		tail --lines=+2 >"$build/tokens-$name"
}

# run_month schema month: microseconds until all organizations' month is run.
run_month() {
	local began

	months_sql "$1" <<<"INSERT INTO run_order (period, requested_at, look_at, reached)
		VALUES ('$2', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), REPEAT('\0', 16))"
	began=${EPOCHREALTIME/./}
	while [[ $(months_sql "$1" <<<"SELECT finished_at IS NULL FROM run_order WHERE period = '$2'" | tail --lines=1) == 1 ]]; do
		PURSER_DATABASE_NAME=purser_$1 "$programs/purser-jobs" --once billing.run
	done
	printf '%d' $((${EPOCHREALTIME/./} - began))
}

# ulid hex: an id as the API writes it.
ulid() {
	local digits=0123456789ABCDEFGHJKMNPQRSTVWXYZ bits='' digit nibbles=(0000 0001 0010 0011 0100 0101 0110 0111 1000 1001 1010
		1011 1100 1101 1110 1111)

	while read -rn 1 digit && [[ -n $digit ]]; do
		bits+=${nibbles[16#$digit]}
	done <<<"$1"
	bits=00$bits
	for ((digit = 0; digit < 130; digit += 5)); do
		printf '%s' "${digits:2#${bits:digit:5}:1}"
	done
}

# again_differs schema: how many of some months come to another digest when they are run once more.
again_differs() {
	local token organization period digest differ=0

	PURSER_DATABASE_NAME=purser_$1 PURSER_LISTEN=unix:$sockets/months.sock PURSER_LISTEN_SLOW='' \
		stack_spawn months "$programs/purser-fcgi"
	sleep 1
	while read -r token organization; do
		while read -r period digest; do
			curl --silent --cacert "$var/tls/ca.pem" --header "Authorization: Bearer $token" --header 'Content-Type: application/json' \
				--data "{\"organization_id\":\"$(ulid "$organization")\",\"period\":\"$period\"}" \
				"https://localhost:${ports[months]}/v1/billing/run_monthly_for_org" >"$build/again.json"
			grep -q "\"status\":\"completed\".*\"digest\":\"$digest\"" "$build/again.json" || ((++differ))
		done < <(months_sql "$1" <<<"SELECT period, digest FROM monthly_run WHERE organization_id = UNHEX('$organization')" | tail --lines=+2)
	done <"$build/tokens-$1"
	stack_end months TERM 6
	printf '%d' "$differ"
}

row_10() {
	local seq month differ unfinished

	start_months months_few "$organizations"
	start_months months_many $((organizations * 10))
	say "Row 10: the runs of 3 months ..."
	for seq in 0 1 2; do
		month=$(stack_sql <<<"SELECT DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL 24 HOUR - INTERVAL 3 - $seq MONTH, '%Y-%m')" | tail --lines=1)
		printf '%s %s\n' "$(run_month months_many "$month")" "$(run_month months_few "$month")"
	done >"$results/row-10"
	unfinished=$(months_sql months_many <<<"SELECT 3 * $organizations * 10 - COUNT(*) FROM monthly_run WHERE status = 'completed'" | tail --lines=1)
	differ=$(($(again_differs months_few) + $(again_differs months_many)))
	# shellcheck disable=SC2016
	table_row "$results/row-10" '
		{ many[NR] = $1 / 1e6; few[NR] = $2 / 1e6; ratio[NR] = $1 / $2 }
		END {
			r = median(ratio, NR)
			row(10, sprintf("monthly run of %d organizations", 10 * count), sprintf("of %d", count), sprintf("%.1f s", median(many, NR)),
				sprintf("%.1f s", median(few, NR)), sprintf("%.1f", r), "", "≤ 13, equal digests", "≤ 11",
				verdict(differ || unfinished, r <= 13, r <= 11))
			plot("\"10: months\"", 13 / r, 13 / 11)
		}' "count=$organizations" "differ=$differ" "unfinished=$unfinished"
}
