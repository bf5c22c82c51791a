#!/bin/bash
# The static checks: clang's build, gcc's analyzer, clang-tidy, cppcheck, the rules of the source, shellcheck, all at the
# same time. What was checked and has not changed since is not checked again. ./check calls it; `t/static.sh tidy` runs
# one alone.
set -euo pipefail

# shellcheck source=scripts/stack.sh
source "$(dirname "$0")/../scripts/stack.sh"
cd "$root"

clang() {
	build_tree clang all tests -- CC=clang
}

analyzer() {
	build_tree analyzer all -- --enable-analyzer
}

# What looks along every path through a function (clang-analyzer-*) takes nine tenths of clang-tidy's time: `tidy` does it
# for all files, `tidy_in_turn` for each third file, another third with every commit; the other checks are done for all.
depth_of() {
	local file=$1 turn=$2

	if [[ -z $turn ]] || (($(cksum <<<"$file" | cut --delimiter=' ' --fields=1) % 3 == turn)); then
		printf 'deep\n'
	else
		printf 'flat\n'
	fi
}

# Files that changed since they were last found clean, or all when a header or the rules changed, each with its depth; the
# largest first, because those take longest.
tidy_due() {
	local turn=$1 file depth stamp

	while read -r file; do
		depth=$(depth_of "$file" "$turn")
		stamp=build/tidy/$file.deep
		[[ $depth == deep || -e $stamp ]] || stamp=build/tidy/$file.flat
		if [[ ! -e $stamp || $file -nt $stamp || .clang-tidy -nt $stamp ]] ||
			[[ -n $(find fcgi handlers programs client t -name '*.h' -newer "$stamp" -print -quit) ]]; then
			printf '%s %s\0' "$depth" "$file"
		fi
	done < <(find fcgi handlers programs client t/unit t/fuzz -maxdepth 1 -name '*.c' -printf '%s %p\n' | sort --numeric-sort --reverse | cut --delimiter=' ' --fields=2)
}

# Runs under xargs, for one file.
tidy_one() {
	local depth=${1%% *} file=${1#* } checks='' report
	shift

	[[ $depth == deep ]] || checks='-clang-analyzer-*'
	if ! report=$(clang-tidy --quiet --checks="$checks" "$file" -- "$@" 2>&1); then
		printf '%s\n' "$report"
		return 1
	fi
	mkdir -p "build/tidy/$(dirname "$file")"
	: >"build/tidy/$file.$depth"
}

tidy_files() {
	local flags

	read -ra flags <<<"$(pkg-config --cflags libmariadb yajl libssl cmocka)"
	flags+=(-std=gnu17 -D_GNU_SOURCE -DPURSER_FAULTS '-DSQLDIR="sql"' '-DPACKAGE_VERSION="0"' -iquote fcgi -iquote . -iquote build/check/proto)
	export -f tidy_one
	# shellcheck disable=SC2016 # expanded by the inner shell
	tidy_due "$1" | xargs --null --no-run-if-empty --max-procs="$(nproc)" --replace bash -c 'tidy_one "$@"' - '{}' "${flags[@]}"
}

tidy() {
	tidy_files ''
}

tidy_in_turn() {
	tidy_files $((0x$(git rev-parse HEAD 2>/dev/null | cut --characters=1-7 | grep . || printf 0) % 3))
}

# Its parser gives up on a compound literal behind `?`; that is not a fault of the code.
cppcheck_all() {
	mkdir -p build/cppcheck
	cppcheck -j "$(nproc)" --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
		--suppress=internalAstError --cppcheck-build-dir=build/cppcheck -Ifcgi -I. -D_GNU_SOURCE '-DSQLDIR="sql"' fcgi handlers programs client
}

checksrc() {
	t/checksrc
}

shell_scripts() {
	find . -type d \( -name .git -o -name build -o -name build-aux -o -name var -o -name node_modules \
		-o -name autom4te.cache \) -prune -o -type f ! -name configure -print0 |
		xargs --null grep --files-with-matches --null --extended-regexp --max-count=1 \
			'^(#!/bin/(ba)?sh|#!/usr/bin/env bash|# shellcheck shell=)'
}

shellcheck_all() {
	shell_scripts | xargs --null shellcheck --external-sources
}

# Each check in a process of its own; what it says comes in one piece, in the order given, with the second it came at.
side_by_side() {
	local checks=("$@") check pids=() status=0 number result
	reports=$(mktemp --directory)
	trap 'rm -rf "$reports"' EXIT

	for check in "${checks[@]}"; do
		(
			trap - INT # which is ignored behind an &
			"$check"
		) >"$reports/$check" 2>&1 &
		pids+=($!)
	done
	for number in "${!pids[@]}"; do
		check=${checks[number]}
		result=ok
		wait "${pids[number]}" || result=failed status=1
		printf '%4ds  -- %s: %s\n' "$SECONDS" "$check" "$result"
		[[ $result == ok ]] || cat "$reports/$check"
	done
	return "$status"
}

if (($# == 0)); then
	set -- shellcheck_all checksrc cppcheck_all clang analyzer tidy
fi
side_by_side "$@"
