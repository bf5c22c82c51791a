# shellcheck shell=bash
# What ./run and ./check share: packages, builds, and a private stack (MariaDB, workers, jobs, nginx) that lives in one
# directory, touches nothing outside of it, and leaves no process behind. To be sourced by bash; `root` is the source tree.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() {
	printf '%s\n' "$*" >&2
}

die() {
	say "$@"
	exit 1
}

# ---- packages -------------------------------------------------------------------------------------------------------

# packages_missing run|check: the packages of scripts/packages that are not there, one a line.
packages_missing() {
	local wanted=$1 need package command

	while read -r need package command; do
		case $need in
		'' | \#*) continue ;;
		check) [[ $wanted == check ]] || continue ;;
		esac
		[[ -z $command ]] || ! command -v "$command" >/dev/null || continue
		[[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
			printf '%s\n' "$package"
	done <"$root/scripts/packages"
}

# Debian starts a service as soon as its package is there; ours are private, so for the time of the installation a
# policy forbids it, unless the machine has one of its own.
packages_install_as_root() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	"$@" env DEBIAN_FRONTEND=noninteractive bash -c '
		policy=/usr/sbin/policy-rc.d
		if [ ! -e "$policy" ]; then
			trap "rm -f $policy" EXIT
			printf "#!/bin/sh\nexit 101\n" >"$policy"
			chmod 755 "$policy"
		fi
		umask 022
		apt-get update && apt-get install --yes --no-install-recommends "$@"' - "${missing[@]}" >&2
}

# packages_need run|check: installs what is missing, or names it and gives up.
packages_need() {
	local missing

	command -v dpkg-query >/dev/null || die "This is made for Debian 12: dpkg-query is not here."
	mapfile -t missing < <(packages_missing "$1")
	((${#missing[@]} > 0)) || return 0
	say "Missing packages: ${missing[*]}"
	if ((EUID == 0)); then
		packages_install_as_root || true
	elif command -v sudo >/dev/null && { [[ -t 0 ]] || sudo --non-interactive true 2>/dev/null; }; then
		packages_install_as_root sudo || true
	fi
	mapfile -t missing < <(packages_missing "$1")
	((${#missing[@]} == 0)) ||
		die "These packages are missing and could not be installed; as root: apt-get install ${missing[*]}"
}

# ---- builds ---------------------------------------------------------------------------------------------------------

# build_tree name target... -- configure's arguments: builds in build/name, one build at a time in this source tree.
build_tree() {
	local directory=$root/build/$1 targets=() arguments lock
	shift

	while (($# > 0)) && [[ $1 != -- ]]; do
		targets+=("$1")
		shift
	done
	shift
	arguments=$(printf '%q ' --enable-in-place "$@")
	mkdir -p "$directory"
	exec {lock}>"$root/build/lock"
	flock "$lock"
	build_tree_locked "$directory" "$arguments" "${targets[@]}" {lock}>&- ||
		die "The build in $directory failed."
	exec {lock}>&-
}

build_tree_locked() {
	local directory=$1 arguments=$2
	shift 2

	if [[ ! -x $root/configure || ! -e $root/Makefile.in || $root/configure.ac -nt $root/configure ]]; then
		"$root/bootstrap" >"$directory/bootstrap.log" 2>&1 || {
			cat "$directory/bootstrap.log" >&2
			return 1
		}
	fi
	if [[ ! -e $directory/Makefile || $(cat "$directory/arguments" 2>/dev/null) != "$arguments" ]]; then
		# The arguments were quoted above, word by word.
		(cd "$directory" && eval "$root/configure --quiet $arguments") >&2 || return 1
		printf '%s' "$arguments" >"$directory/arguments"
	fi
	make --directory="$directory" --jobs="$(nproc)" --no-print-directory --keep-going --silent "$@" >&2
}

# ---- processes ------------------------------------------------------------------------------------------------------

# process_look pid: puts what the kernel says about it into process_state, process_session and process_start.
process_look() {
	local fields

	read -r fields <"/proc/$1/stat" || return 1
	read -ra fields <<<"${fields##*) }"
	process_state=${fields[0]}
	process_session=${fields[3]}
	process_start=${fields[19]}
} 2>/dev/null

# stack_spawn name command...: starts a process in a session of its own and writes down which. It is known by its pid,
# its start time and the boot it runs in: a pid alone may be another's by now.
stack_spawn() {
	local name=$1 pid
	shift

	setsid "$@" </dev/null >>"$var/log/$name.out" 2>&1 {stack_lock}>&- &
	pid=$!
	disown "$pid"
	process_look "$pid" || die "$name did not start."
	printf '%s %s %s %s\n' "$pid" "$process_start" "$(</proc/sys/kernel/random/boot_id)" "$(command -v "$1")" \
		>"$var/run/$name.process"
}

# stack_recorded name: what stack_spawn wrote down in this boot, into pid, start and program.
stack_recorded() {
	local boot

	[[ -e $var/run/$1.process ]] || return 1
	read -r pid start boot program <"$var/run/$1.process" || return 1
	[[ $boot == "$(</proc/sys/kernel/random/boot_id)" ]]
}

# stack_alive name: does the process run? Leaves its pid in `pid`.
stack_alive() {
	local start program

	stack_recorded "$1" && process_look "$pid" && [[ $process_start == "$start" && $process_state != Z ]]
}

# stack_left_behind name: puts into `left` the pids in the session of a process of ours that run its program: it, and
# its workers if it was killed.
stack_left_behind() {
	local pid start program process

	left=()
	stack_recorded "$1" || return 0
	! process_look "$pid" || [[ $process_start == "$start" ]] || return 0
	program=$(readlink -f "$program")
	for process in /proc/[0-9]*; do
		process=${process#/proc/}
		process_look "$process" || continue
		[[ $process_session == "$pid" && $process_state != Z ]] || continue
		((process_start >= start)) || continue
		[[ $(readlink "/proc/$process/exe") == "$program"* ]] || continue
		left+=("$process")
	done
}

# stack_end name signal seconds: ends a process of ours and what it forked; kills it when the time is over.
stack_end() {
	local name=$1 signal=$2 deadline=$((SECONDS + $3)) pid left

	if stack_alive "$name"; then
		kill -s "$signal" "$pid" 2>/dev/null || true
	fi
	while stack_alive "$name" && ((SECONDS < deadline)); do
		sleep 0.05
	done
	stack_left_behind "$name"
	if ((${#left[@]} > 0)); then
		say "$name had to be killed (${left[*]})."
		kill -s KILL "${left[@]}" 2>/dev/null || true
	fi
	rm -f "$var/run/$name.process"
}

stack_processes=(nginx purser-jobs purser-fcgi mariadb)

stack_runs() {
	local name pid

	for name in "${stack_processes[@]}"; do
		stack_alive "$name" || return 1
	done
}

stack_stop() {
	stack_end nginx QUIT 3
	stack_end purser-jobs TERM 10
	stack_end purser-fcgi TERM 6
	stack_end mariadb TERM 60
}

# ---- the directory --------------------------------------------------------------------------------------------------

# stack_use directory programs port: where the stack lives, whose programs it runs.
stack_use() {
	mkdir -p "$1"
	var=$(cd "$1" && pwd -P)
	programs=$2
	port=$3
	if [[ ! $port =~ ^[1-9][0-9]{0,4}$ ]] || ((port > 65535)); then
		die "PURSER_PORT is no port: $port"
	fi
	[[ $var =~ ^[A-Za-z0-9/._+@~-]+$ ]] ||
		die "PURSER_VAR may hold letters, digits and / . _ + @ ~ - only: $var"
}

# stack_take: only one ./run at a time works on the directory.
stack_take() {
	exec {stack_lock}>"$var/lock"
	flock --timeout 120 "$stack_lock" || die "Another ./run has been busy in $var for two minutes."
}

stack_release() {
	exec {stack_lock}>&-
}

# Everything the stack ever puts into its directory.
stack_fresh() {
	local sockets

	sockets=$(cat "$var/sockets" 2>/dev/null || true)
	[[ $sockets != /tmp/purser.?????????? ]] || rm -rf "$sockets"
	rm -rf "$var"/{data,run,log,tmp,tls,nginx}
	rm -f "$var"/{sockets,my.cnf,purser.conf,passwords,secrets,env,env.new,demo,demo.new,operator,operator.new,test_clock}
}

stack_directories() {
	mkdir -p "$var"/{run,log,tmp,tls,nginx}
	sockets=$var/run
	# A unix socket's path has 107 characters at most.
	if ((${#sockets} > 85)); then
		sockets=$(cat "$var/sockets" 2>/dev/null || true)
		if [[ ! -d $sockets || ! -O $sockets ]]; then
			sockets=$(mktemp --directory /tmp/purser.XXXXXXXXXX)
			printf '%s\n' "$sockets" >"$var/sockets"
		fi
	fi
}

random_password() {
	openssl rand -hex 24
}

# ---- MariaDB --------------------------------------------------------------------------------------------------------

stack_mariadb_configuration() {
	cat >"$var/my.cnf" <<-END
		[mariadbd]
		datadir = $var/data
		socket = $sockets/mariadb.sock
		pid-file = $var/run/mariadbd.pid
		tmpdir = $var/tmp
		skip-networking
		skip-log-bin
		character-set-server = utf8mb4
		transaction-isolation = READ-COMMITTED
		innodb_flush_log_at_trx_commit = 1
		innodb_flush_method = ${stack_flush_method:-O_DIRECT}
		sync_frm = ${stack_sync_frm:-ON}
		innodb_print_all_deadlocks = ON
		innodb_buffer_pool_size = ${stack_buffer_pool:-128M}
		innodb_log_file_size = ${stack_log_size:-64M}
		performance_schema = OFF
		query_cache_type = OFF
		local_infile = OFF
		max_connections = 200
		max_prepared_stmt_count = 65536
		max_statement_time = 60
	END
	((EUID != 0)) || printf 'user = root\n' >>"$var/my.cnf"
}

# Statements from standard input, as the person who runs the stack.
stack_sql() {
	mariadb --no-defaults --socket="$sockets/mariadb.sock" --user="$(id -un)" --batch
}

# The person who runs it comes in by the socket, without a password; the owner of the schema by a random one.
stack_mariadb_create() {
	stack_sql <<-END
		CREATE OR REPLACE DATABASE purser CHARACTER SET utf8mb4;
		CREATE OR REPLACE USER purser_owner@localhost IDENTIFIED BY '$1';
		GRANT ALL PRIVILEGES ON *.* TO purser_owner@localhost WITH GRANT OPTION;
	END
}

stack_mariadb_install() {
	rm -rf "$var/data"
	mariadb-install-db --defaults-file="$var/my.cnf" --auth-root-authentication-method=socket \
		--auth-root-socket-user="$(id -un)" --skip-test-db >"$var/log/mariadb-install.out" 2>&1 || {
		cat "$var/log/mariadb-install.out" >&2
		die "MariaDB's data directory could not be made."
	}
}

stack_mariadb_start() {
	local fresh=no

	stack_mariadb_configuration
	if [[ ! -e $var/passwords ]]; then
		fresh=yes
		stack_mariadb_install
	fi
	stack_spawn mariadb mariadbd --defaults-file="$var/my.cnf"
	stack_wait mariadb 60 stack_sql <<<'SELECT 1'
	[[ $fresh == no ]] || stack_secrets
}

# Made once, with the database that knows them; the file that tells whether there is a database.
stack_secrets() {
	local owner_password

	owner_password=$(random_password)
	stack_mariadb_create "$owner_password"
	printf 'k1 %s\n' "$(openssl rand -hex 32)" >"$var/secrets"
	cat >"$var/passwords" <<-END
		database_owner_password = $owner_password
		database_read_password = $(random_password)
		database_write_password = $(random_password)
	END
}

# stack_wait name seconds command...: until the command works. Gives up when the time is over, or a process has ended.
stack_wait() {
	local name=$1 deadline=$((SECONDS + $2)) file dead pid
	shift 2

	until "$@" >/dev/null 2>&1; do
		dead=
		for file in "$var"/run/*.process; do
			file=$(basename "$file" .process)
			[[ " ${stack_processes[*]} " != *" $file "* ]] || stack_alive "$file" || dead=$file
		done
		if [[ -n $dead ]] || ((SECONDS >= deadline)); then
			stack_failed "${dead:-$name}"
		fi
		sleep 0.05
	done
}

stack_failed() {
	say "$1 does not come up:"
	tail --quiet --lines=20 "$var/log/$1.out" "$var/log"/*.log >&2 2>/dev/null || true
	stack_stop
	exit 1
}

# ---- the programs ---------------------------------------------------------------------------------------------------

stack_configuration() {
	cat >"$var/purser.conf" <<-END
		listen = unix:$sockets/fast.sock
		listen_slow = unix:$sockets/slow.sock
		log_file = $var/log/purser.log
		user =
		public_url = https://localhost:$port
		database_hosts = $sockets/mariadb.sock
		database_name = purser
		database_owner_user = purser_owner
		database_read_user = purser_read
		database_write_user = purser_write
		$(<"$var/passwords")
		secret_file = $var/secrets
		test_clock = on
		test_clock_file = $var/test_clock
		rate_address = 600
		provider = sandbox
	END
	[[ -e $var/test_clock ]] || : >"$var/test_clock"
}

stack_control() {
	"$programs/purserctl" "$@"
}

# What is loaded once. The keys are shown once, too: they are kept here.
stack_data() {
	stack_control migrate >>"$var/log/migrate.out" 2>&1 || {
		tail --lines=20 "$var/log/migrate.out" >&2
		return 1
	}
	[[ -s $var/demo ]] || stack_demonstrate || return 1
	[[ -s $var/operator ]] || stack_keep operator stack_control operator-key create --name run
}

# A year takes thousands of commits. None has to outlive a machine that dies now: it would be loaded anew.
stack_demonstrate() {
	local status=0

	stack_sql <<<'SET GLOBAL innodb_flush_log_at_trx_commit = 0'
	# shellcheck disable=SC2086 # none or one option
	stack_keep demo stack_control demo ${stack_demo:-} || status=1
	stack_sql <<<'SET GLOBAL innodb_flush_log_at_trx_commit = 1'
	return "$status"
}

# stack_keep file command...: what the command prints, kept whole or not at all.
stack_keep() {
	local file=$1
	shift

	"$@" >"$var/$file.new" && mv "$var/$file.new" "$var/$file"
}

stack_programs_start() {
	stack_configuration
	export PURSER_CONFIG=$var/purser.conf PURSER_TEST_CLOCK=$var/test_clock
	stack_data || {
		stack_stop
		die "The database could not be prepared."
	}
	stack_spawn purser-fcgi "$programs/purser-fcgi"
	# shellcheck disable=SC2086 # options, each a word
	stack_spawn purser-jobs "$programs/purser-jobs" ${stack_jobs_options:-}
}

# ---- nginx ----------------------------------------------------------------------------------------------------------

port_is_free() {
	! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# A port nobody listens on, below those that the kernel gives to clients.
free_port() {
	local candidate

	while :; do
		candidate=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
		if port_is_free "$candidate"; then
			printf '%s' "$candidate"
			return
		fi
	done
}

# free_ports count: the first of so many free ones in a row.
free_ports() {
	local candidate number

	while :; do
		candidate=$(free_port)
		for ((number = 1; number < $1; number++)); do
			port_is_free $((candidate + number)) || continue 2
		done
		printf '%s' "$candidate"
		return
	done
}

# A private authority, made once, and a certificate for this machine signed by it.
stack_certificate() {
	local tls=$var/tls

	if ! openssl x509 -in "$tls/ca.pem" -noout -checkend 86400 >/dev/null 2>&1; then
		rm -f "$tls/server.pem"
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 3650 -subj '/CN=Purser private CA' \
			-addext 'basicConstraints=critical,CA:TRUE,pathlen:0' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
			-keyout "$tls/ca.key" -out "$tls/ca.pem" 2>"$var/log/openssl.out" || return 1
	fi
	if ! openssl x509 -in "$tls/server.pem" -noout -checkend 86400 >/dev/null 2>&1; then
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 397 -subj '/CN=localhost' \
			-CA "$tls/ca.pem" -CAkey "$tls/ca.key" -addext 'basicConstraints=critical,CA:FALSE' \
			-addext 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1' -addext 'extendedKeyUsage=serverAuth' \
			-addext 'keyUsage=critical,digitalSignature' \
			-keyout "$tls/server.key" -out "$tls/server.pem" 2>"$var/log/openssl.out" || return 1
	fi
}

stack_listen_lines() {
	printf 'listen 127.0.0.1:%s ssl http2 default_server;' "$port"
	[[ ! -e /proc/net/if_inet6 ]] || ! grep -q '^0\{31\}1 ' /proc/net/if_inet6 ||
		printf ' listen [::1]:%s ssl http2 default_server;' "$port"
}

stack_nginx_configuration() {
	local user=''

	((EUID != 0)) || user='user root;'
	mkdir -p "$var/nginx" "$var/tmp"
	"$programs/purser-describe" slow-map >"$var/nginx/slow.map" || return 1
	stack_control cors-map >"$var/nginx/cors.map" || return 1
	sed -e "s|@USER@|$user|" -e "s|@LISTEN@|$(stack_listen_lines)|" -e "s|@METRICS_ADDRESS@|127.0.0.1:$metrics_port|" \
		-e "s|@RUN@|$var/run|" -e "s|@LOG@|$var/log|" -e "s|@TMP@|$var/tmp|" -e "s|@CONF@|$var/nginx|" \
		-e "s|@NGINX@|$root/nginx|" -e "s|@SLOW_MAP@|$var/nginx/slow.map|" \
		-e "s|@CORS_MAP@|$var/nginx/cors.map|" -e "s|@DOCS@|$programs/reference|" \
		-e "s|@FAST_SOCKET@|$sockets/fast.sock|" -e "s|@SLOW_SOCKET@|$sockets/slow.sock|" \
		-e "s|@CERTIFICATE@|$var/tls/server.pem|" -e "s|@CERTIFICATE_KEY@|$var/tls/server.key|" \
		"$root/nginx/purser.conf.in" >"$var/nginx/purser.conf"
}

stack_nginx_start() {
	if ! stack_certificate || ! stack_nginx_configuration; then
		stack_stop
		die "nginx could not be set up; see $var/log."
	fi
	stack_spawn nginx nginx -c "$var/nginx/purser.conf" -e "$var/log/nginx-error.log"
	stack_wait nginx 30 curl --silent --fail --cacert "$var/tls/ca.pem" "https://localhost:$port/v1/health/ready"
}

# ---- the whole ------------------------------------------------------------------------------------------------------

stack_need_port() {
	port_is_free "$port" ||
		die "Port $port is taken by another program. Choose another: PURSER_PORT=9443 ./run"
}

# stack_start: everything, in order; returns when the API says it is ready.
stack_start() {
	umask 077
	stack_stop
	stack_need_port
	metrics_port=$((port + 1000))
	if ((metrics_port > 65535)) || ! port_is_free "$metrics_port"; then
		metrics_port=$(free_port)
	fi
	stack_directories
	rm -f "$var/env"
	stack_mariadb_start
	stack_programs_start
	stack_nginx_start
	stack_environment
}

# What a shell sources to use the stack.
stack_environment() {
	local PURSER_ORG='' PURSER_API_KEY='' PURSER_EMAIL='' PURSER_PASSWORD=''

	# shellcheck source=/dev/null
	source "$var/demo"
	printf 'export %s=%q\n' >"$var/env.new" \
		PURSER_URL "https://localhost:$port" \
		PURSER_CA "$var/tls/ca.pem" \
		PURSER_ORG "$PURSER_ORG" \
		PURSER_API_KEY "$PURSER_API_KEY" \
		PURSER_EMAIL "$PURSER_EMAIL" \
		PURSER_PASSWORD "$PURSER_PASSWORD" \
		PURSER_ADMIN_KEY "$(<"$var/operator")" \
		PURSER_METRICS_URL "http://127.0.0.1:$metrics_port/metrics" \
		PURSER_DB_SOCKET "$sockets/mariadb.sock" \
		PURSER_DB_NAME purser \
		PURSER_TEST_CLOCK "$var/test_clock"
	# shellcheck disable=SC2016 # expanded where it is sourced
	printf 'case :$PATH: in *:%q:*) ;; *) export PATH=%q:$PATH ;; esac\n' "$programs" "$programs" >>"$var/env.new"
	mv "$var/env.new" "$var/env"
}
