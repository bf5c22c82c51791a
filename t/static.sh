#!/bin/bash
# The static checks: gcc's analyzer, clang-tidy with clang's warnings, cppcheck, the rules of the source, shellcheck, all at the
# same time. What was checked and has not changed since is not checked again. ./check calls it; `t/static.sh tidy` runs
# one alone.
set -euo pipefail

# shellcheck source=scripts/stack.sh
source "$(dirname "$0")/../scripts/stack.sh"
cd "$root"

# Our own files, the largest first, because those take longest.
our_files() {
	find fcgi handlers programs client t/unit t/fuzz -maxdepth 1 -name '*.c' -printf '%s %p\n' |
		sort --numeric-sort --reverse | cut --delimiter=' ' --fields=2
}

# What a compiler has to be told where configure does not.
our_flags() {
	pkg-config --cflags libmariadb yajl libssl cmocka | xargs --max-args=1
	printf '%s\n' -std=gnu17 -D_GNU_SOURCE -DPURSER_FAULTS '-DSQLDIR="sql"' '-DPACKAGE_VERSION="0"' \
		-Wall -Wextra -Wconversion -Wpedantic -iquote fcgi -iquote . -iquote build/check/proto
}

# ---- what looks along every path through a function ------------------------------------------------------------------

# gcc's analyzer and nine tenths of clang-tidy (clang-analyzer-*) take minutes. ./check has them done for some of the files,
# with each commit for others, so that all of them come round; alone, and with --all, they are done for all.
commit=0x$(git rev-parse HEAD 2>/dev/null | cut --characters=1-7 | grep . || printf 0)
turns=20

# its_turn file: in this commit, where $in_turn says so.
its_turn() {
	[[ $in_turn == no ]] || (($(cksum <<<"$1" | cut --delimiter=' ' --fields=1) % turns == commit % turns))
}

# is_done file stamp: found clean since it was changed, or a header or the rules were.
is_done() {
	[[ -e $2 && ! $1 -nt $2 && ! .clang-tidy -nt $2 ]] &&
		[[ -z $(find fcgi handlers programs client t -name '*.h' -newer "$2" -print -quit) ]]
}

# Each file that is due, with how deep clang-tidy is to look; what was looked at deeply is not looked at again.
tidy_due() {
	local file depth

	while read -r file; do
		depth=flat
		! its_turn "$file" || depth=deep
		is_done "$file" "build/tidy/$file.deep" || { [[ $depth == flat ]] && is_done "$file" "build/tidy/$file.flat"; } ||
			printf '%s %s\0' "$depth" "$file"
	done < <(our_files)
}

# The tests' own files it does not understand: cmocka's assertions do not return.
analyzer_due() {
	local file

	while read -r file; do
		[[ $file == t/* ]] || ! its_turn "$file" || is_done "$file" "build/analyzed/$file" || printf '%s\0' "$file"
	done < <(our_files)
}

# These two run under xargs, for one file.
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

analyze_one() {
	local file=$1
	shift

	gcc "$@" -Werror -O2 -fanalyzer -c -o /dev/null "$file" || return 1
	mkdir -p "build/analyzed/$(dirname "$file")"
	: >"build/analyzed/$file"
}

# each_due due one: what the first function names, to the second one.
each_due() {
	local flags

	mapfile -t flags < <(our_flags)
	export -f tidy_one analyze_one
	# shellcheck disable=SC2016 # expanded by the inner shell
	"$1" | xargs --null --no-run-if-empty --max-procs="$(nproc)" --replace bash -c '"$0" "$@"' "$2" '{}' "${flags[@]}"
}

tidy() {
	each_due tidy_due tidy_one
}

analyzer() {
	each_due analyzer_due analyze_one
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

in_turn=no
[[ ${1-} != --in-turn ]] || { in_turn=yes && shift; }
if (($# == 0)); then
	set -- shellcheck_all checksrc cppcheck_all analyzer tidy
fi
side_by_side "$@"
