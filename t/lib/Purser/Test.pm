package Purser::Test;

# What every test of the running API uses: calls, organizations and keys of its own, the database, and what a reply has
# to look like. The stack is told by the environment that ./check (or $PURSER_VAR/env) gives.

use v5.36;
use DBI;
use Digest::SHA qw(sha256);
use Exporter 'import';
use JSON::PP ();
use Purser::Client;
use Purser::Reply;
use Purser::Token;
use Test::More;
use Time::HiRes qw(sleep time);

our @EXPORT = (@Test::More::EXPORT, qw(
    call get post request raw client new_organization new_key admin_key db db_run db_value db_column bytes_of grant worker_pids problems
    is_problem is_success is_page eventually set_clock metric ulid_ok encode_json decode_json every_scope
    describe_operations first_key new_person new_ulid sample_body openapi));

my $codec = Purser::Reply::codec();

sub encode_json ($data) { return $codec->encode($data) }
sub decode_json ($text) { return $codec->decode($text) }

my $ulid = qr/\A[0-7][0-9A-HJKMNP-TV-Z]{25}\z/;
my @every_scope = map { "$_:*" }
    qw(organizations members billing orders usage api_keys event_subscriptions notifications audit);

sub every_scope () { return @every_scope }

for my $name (qw(PURSER_URL PURSER_CA PURSER_ADMIN_KEY PURSER_DB_SOCKET PURSER_DB_NAME)) {
	defined $ENV{$name} or plan(skip_all => "$name is not set; run ./check, or source \$PURSER_VAR/env");
}

# ---- calls -----------------------------------------------------------------------------------------------------------

sub client (%options) {
	state $shared = Purser::Client->new(url => $ENV{PURSER_URL}, ca => $ENV{PURSER_CA});
	return %options ? Purser::Client->new(url => $ENV{PURSER_URL}, ca => $ENV{PURSER_CA}, %options) : $shared;
}

# The operator's key of the stack; the suite calls more often in a minute than an operator would.
sub admin_key () {
	state $unlimited = db_run('UPDATE api_key SET organization_rate_limit = 1000000 WHERE digest = ?',
	    \sha256($ENV{PURSER_ADMIN_KEY}));
	return $ENV{PURSER_ADMIN_KEY};
}

sub query_string ($query) {
	my $escape = sub ($text) { $text =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger };
	return join '&', map { my $name = $_; map { $escape->($name) . '=' . $escape->($_) }
	    ref $query->{$name} ? $query->{$name}->@* : $query->{$name} } sort keys %$query;
}

# request('GET', $path, body => $data or $bytes, query => {…}, key => $token or undef, idempotency_key => …,
# accept => …, headers => [name => value, …], type => …, client => …)
sub request ($method, $path, %options) {
	my @headers = ($options{headers} // [])->@*;
	my $body = $options{body};

	$path .= '?' . query_string($options{query}) if $options{query} && $options{query}->%*;
	push @headers, Authorization => "Bearer $options{key}" if defined $options{key};
	push @headers, 'Idempotency-Key' => $options{idempotency_key} if defined $options{idempotency_key};
	push @headers, Accept => $options{accept} if defined $options{accept};
	if (defined $body) {
		$body = $codec->encode($body) if ref $body;
		push @headers, 'Content-Type' => $options{type} // 'application/json' unless exists $options{type} && !defined $options{type};
	}
	return ($options{client} // client)->request($method, $path, \@headers, $body);
}

sub get ($path, %options) { return request('GET', $path, %options) }
sub post ($path, $body, %options) { return request('POST', $path, %options, body => $body) }

sub is_oauth ($operation) {
	state %oauth = map { $_->{id} => $_->{flags}{oauth} } describe_operations();
	return $oauth{$operation};
}

# An operation by its id. OAuth's take a form.
sub call ($operation, $body = {}, %options) {
	($body, $options{type}) = (query_string($body), 'application/x-www-form-urlencoded') if ref $body && is_oauth($operation);
	return request('POST', "/v1/op/$operation", %options, body => $body);
}

sub raw ($bytes, %options) {
	return ($options{client} // client)->raw($bytes, %options);
}

# ---- the database ----------------------------------------------------------------------------------------------------

# As the person who runs the stack: may do anything. For what no operation can do, and for looking.
sub db () {
	state $db = DBI->connect("dbi:MariaDB:database=$ENV{PURSER_DB_NAME};mariadb_socket=$ENV{PURSER_DB_SOCKET}",
	    scalar getpwuid($<), undef, { RaiseError => 1, PrintError => 0, AutoCommit => 1 });
	return $db;
}

# A reference to a scalar is bytes, anything else text.
sub db_run ($sql, @values) {
	my $statement = db->prepare($sql);

	for my $i (0 .. $#values) {
		ref $values[$i] ? $statement->bind_param($i + 1, $values[$i]->$*, DBI::SQL_BINARY)
		    : $statement->bind_param($i + 1, $values[$i]);
	}
	$statement->execute;
	return $statement;
}

sub db_value ($sql, @values) { return (db_run($sql, @values)->fetchrow_array)[0] }
sub db_column ($sql, @values) { return map { $_->[0] } db_run($sql, @values)->fetchall_arrayref->@* }

# ---- organizations and keys ------------------------------------------------------------------------------------------

# The id as the database has it, to be bound.
sub bytes_of ($text) { return \ulid_bytes($text) }

# Each is greater than the one before, as a worker's are.
my ($ulid_time, $ulid_tail) = (0, '');
sub new_ulid_bytes () {
	my $now = int(time * 1000);

	if ($now > $ulid_time) {
		($ulid_time, $ulid_tail) = ($now, random_bytes(2) . "\0" . random_bytes(7));
	} else {
		substr($ulid_tail, 2) = pack 'Q>', 1 + unpack 'Q>', substr $ulid_tail, 2;
	}
	return substr(pack('Q>', $ulid_time), 2) . $ulid_tail;
}

sub new_ulid () { return ulid_text(new_ulid_bytes()) }

# A key that nobody but the database can give: the first of an organization, while there are no people; an operator's
# (no organization). Options are columns: rate_limit, expires_at, revoked_at.
sub first_key ($organization_id, $permissions, %columns) {
	my $token = new_token();
	my $id = new_ulid_bytes();
	my @names = sort keys %columns;

	my $organization = defined $organization_id ? bytes_of($organization_id) : undef;
	db_run('INSERT INTO api_key (digest, id, organization_id, name, prefix, permissions, organization_rate_limit, created_at'
	    . join('', map { ", $_" } @names) . ") VALUES (?, ?, ?, 'first', ?, ?,"
	    . ' (SELECT rate_limit FROM organization WHERE id = ?), UTC_TIMESTAMP(6)' . ', ?' x @names . ')',
	    \sha256($token), \$id, $organization, substr($token, 0, 9), join(' ', @$permissions), $organization, @columns{@names});
	return { id => ulid_text($id), key => $token };
}

# A person who is signed in, without the cost of a password: with a role in an organization, or (neither given) in none.
# Gives { id, email, key, session_id, … }; `key` is the access token.
sub new_person ($organization = undef, $role = undef, %more) {
	state $count = 0;
	my ($id, $session, $token) = (new_ulid_bytes(), new_ulid_bytes(), new_token('gprs_'));
	my $email = $more{email} // sprintf 'person-%d-%d@example.com', $$, ++$count;
	my $name = $more{name} // ucfirst(($role // 'nobody') . " $count");
	my $of = defined $organization ? bytes_of(ref $organization ? $organization->{id} : $organization) : undef;

	db_run('INSERT INTO user (id, email, email_key, name, created_at) VALUES (?, ?, LOWER(?), ?, UTC_TIMESTAMP(6))', \$id, $email, $email, $name);
	db_run('INSERT INTO membership (organization_id, user_id, role, created_at) VALUES (?, ?, ?, UTC_TIMESTAMP(6))', $of, \$id, $role) if $of;
	db_run('INSERT INTO session (id, user_id, organization_id, created_at, refreshed_at, expires_at)
	    VALUES (?, ?, ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL 3000 DAY)', \$session, \$id, $of);
	db_run("INSERT INTO session_token (digest, session_id, kind, expires_at) VALUES (?, ?, 'access', UTC_TIMESTAMP(6) + INTERVAL 3000 DAY)", \sha256($token), \$session);
	return { id => ulid_text($id), email => $email, name => $name, role => $role, key => $token, session_id => ulid_text($session) };
}

# A new organization with a key that holds every customer's scope. `credits` grants it some; other options are fields of
# admin.organizations.create. Gives { id, key, key_id, name, … }.
sub new_organization (%fields) {
	state $count = 0;
	my $credits = delete $fields{credits};
	my $rate_limit = delete $fields{rate_limit};
	my $reply = call('admin.organizations.create', { name => sprintf('Test %d-%d', $$, ++$count), %fields },
	    key => admin_key);
	$reply->status == 200 or die "admin.organizations.create: $reply->{status} $reply->{body}\n";
	my $organization = $reply->json;

	if ($rate_limit) {
		$reply = call('admin.organizations.set', { organization_id => $organization->{id}, rate_limit => $rate_limit },
		    key => admin_key);
		$reply->status == 200 or die "admin.organizations.set: $reply->{status} $reply->{body}\n";
	}
	my $key = first_key($organization->{id}, \@every_scope);
	grant($organization->{id}, $credits) if $credits;
	return { %$organization, key => $key->{key}, key_id => $key->{id} };
}

sub grant ($organization_id, $credits) {
	my $reply = call('billing.grants.create',
	    { organization_id => $organization_id, credits => $credits, source => 'goodwill' }, key => admin_key);
	$reply->status == 200 or die "billing.grants.create: $reply->{status} $reply->{body}\n";
	return $reply->json;
}

# Another key of the organization; options are fields of api_keys.create. Gives its reply.
sub new_key ($organization, @permissions) {
	my %fields = @permissions && ref $permissions[-1] ? %{ pop @permissions } : ();
	my $reply = call('api_keys.create', { name => 'test', permissions => \@permissions, %fields },
	    key => $organization->{key});
	$reply->status == 200 or die "api_keys.create: $reply->{status} $reply->{body}\n";
	return $reply->json;
}

# ---- what this build declares ----------------------------------------------------------------------------------------

# ./check asks the program once for all tests.
sub describe ($what) {
	my $program = "$ENV{PURSER_BUILD}/purser-describe";
	my @known = grep { -e } ($ENV{PURSER_DESCRIBED} // '') . "/$what";
	open my $in, @known ? '<' : '-|', @known ? @known : ($program, $what) or die "$program: $!";
	local $/;
	return scalar <$in>;
}

# Rows of `purser-describe operations`, lists as arrays.
sub describe_operations () {
	my ($head, @lines) = split /\n/, describe('operations');
	my @columns = split /\t/, $head;
	my @operations;

	for my $line (@lines) {
		my %row;
		@row{@columns} = map { $_ eq '-' ? '' : $_ } split /\t/, $line;
		$row{flags} = { map { $_ => 1 } split /,/, $row{flags} };
		$row{problems} = [split /,/, $row{problems}];
		$row{fields} = [split /,/, $row{fields}];
		my @words = split / /, $row{ways};
		$row{ways} = [];
		while (my ($methods, $path) = splice @words, 0, 2) {
			push $row{ways}->@*, map { { method => $_, path => $path } } split /,/, $methods;
		}
		push @operations, \%row;
	}
	return @operations;
}

sub openapi () {
	state $document = decode_json(describe('openapi'));
	return $document;
}

sub sample_value ($schema, $name, $ids) {
	if ($schema->{'$ref'}) {
		my ($component) = $schema->{'$ref'} =~ m{([^/]+)$};
		return sample_object(openapi->{components}{schemas}{$component}, $ids);
	}
	return sample_value($schema->{anyOf}[0], $name, $ids) if $schema->{anyOf};
	return $schema->{enum}[0] if $schema->{enum};
	my $type = ref $schema->{type} ? $schema->{type}[0] : $schema->{type};
	return ($schema->{minimum} // 0) > 1 ? $schema->{minimum} : 1 if $type eq 'integer' || $type eq 'number';
	return JSON::PP::true() if $type eq 'boolean';
	return [map { sample_value($schema->{items}, $name, $ids) } 1 .. $schema->{minItems} // 0] if $type eq 'array';
	return sample_object($schema, $ids) if $type eq 'object';
	return $ids->{$name} // new_ulid() if ($schema->{pattern} // '') =~ /\{25\}/;
	return '2999-01-01T00:00:00Z' if ($schema->{format} // '') eq 'date-time';
	return '2199-12-31' if ($schema->{format} // '') eq 'date';
	return 'somebody@example.com' if ($schema->{format} // '') eq 'email';
	return 'https://example.com/' if ($schema->{format} // '') eq 'uri';
	return '1.00' if ($schema->{pattern} // '') =~ /^\^-\?\(0/;
	return 'x' x (($schema->{minLength} // 0) > 4 ? $schema->{minLength} : 4);
}

sub sample_object ($schema, $ids) {
	return { map { $_ => sample_value($schema->{properties}{$_}, $_, $ids) } ($schema->{required} // [])->@* };
}

# The least body that the operation can read; ids by their fields' names, unknown things where none is given.
sub sample_body ($operation, $ids = {}) {
	my $forms = openapi->{paths}{"/v1/op/$operation"}{post}{requestBody}{content};
	my ($form) = grep { $forms->{$_} } qw(application/json application/x-www-form-urlencoded);
	return sample_value($forms->{ $form // (keys %$forms)[0] }{schema}, '', $ids);
}

# code → { status, title, remedy }
sub problems () {
	state $problems = decode_json(describe('problems'));
	return $problems;
}

# ---- what a reply looks like -----------------------------------------------------------------------------------------

sub shown ($reply) {
	return sprintf '%s %s: %s %s', @$reply{qw(method path status)}, substr $reply->{body} // '', 0, 600;
}

sub ulid_ok ($text, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return like($text, $ulid, $name);
}

sub faults_of_success ($reply, $status) {
	my @faults;

	push @faults, "status $reply->{status}, not $status" if $reply->status != $status;
	push @faults, 'no X-Request-Id' unless ($reply->header('x-request-id') // '') =~ /\A[A-Za-z0-9._-]{1,64}\z/;
	push @faults, 'incomplete' unless $reply->complete;
	return @faults;
}

sub is_success ($reply, $name, %more) {
	my @faults = faults_of_success($reply, $more{status} // 200);
	my $type = $more{type} // 'application/json';
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	push @faults, 'the media type is ' . ($reply->media_type // 'absent') if ($reply->media_type // '') ne $type;
	push @faults, 'the body is no JSON' if $type eq 'application/json' && !defined $reply->json;
	return ok(!@faults, $name) || diag join "\n", @faults, shown($reply);
}

# A page of a list: data, next_cursor, and nothing that is not declared. Gives the rows.
sub is_page ($reply, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $ok = is_success($reply, $name);
	my $page = $reply->json;

	return [] unless $ok && ref $page eq 'HASH' && ref $page->{data} eq 'ARRAY' && exists $page->{next_cursor};
	return $page->{data};
}

sub faults_of_errors ($json, $wanted) {
	my %found = map { $_->{pointer} => $_ } ref $json->{errors} eq 'ARRAY' ? $json->{errors}->@* : ();
	my @faults;

	for my $pointer (sort keys %$wanted) {
		my $fault = $found{$pointer};
		if (!$fault) {
			push @faults, "no fault at '$pointer'";
			next;
		}
		push @faults, "the fault at $pointer is $fault->{code}" if defined $wanted->{$pointer} && $fault->{code} ne $wanted->{$pointer};
		push @faults, "the fault at $pointer has no sentence" unless ($fault->{detail} // '') =~ /\w.*\.\z/;
		my @loc = map { s/~1/\//gr =~ s/~0/~/gr } grep { length } split m{/}, $pointer;
		push @faults, "the fault at $pointer has the loc @{$fault->{loc} // []}"
		    unless ref $fault->{loc} eq 'ARRAY' && join('/', @{$fault->{loc}}[1 .. $#{$fault->{loc}}]) eq join '/', @loc;
	}
	push @faults, map { "a fault at $_ as well" } grep { !exists $wanted->{$_} } sort keys %found;
	return @faults;
}

# OAuth's own members beside the problem's (RFC 6749, 5.2), as its clients read them.
sub faults_of_oauth ($reply, $json) {
	my @faults;

	push @faults, 'no error of RFC 6749' unless ($json->{error} // '')
	    =~ /\A(?:invalid_(?:request|client|grant|scope)|unauthorized_client|unsupported_(?:grant|token)_type|server_error|temporarily_unavailable)\z/;
	push @faults, "the error is $json->{error}"
	    if ($json->{code} // '') =~ /\A(?:invalid_(?:grant|client|scope)|unsupported_(?:grant|token)_type)\z/ && $json->{error} ne $json->{code};
	push @faults, 'error_description is not the detail' if ($json->{error_description} // '') ne ($json->{detail} // '');
	push @faults, 'something may store it' unless ($reply->header('cache-control') // '') =~ /no-store/;
	return @faults;
}

sub is_oauth_reply ($reply) {
	state %paths = map { $_->{path} => 1 } map { $_->{ways}->@* } grep { $_->{flags}{oauth} } describe_operations();
	my ($path) = $reply->{path} =~ /^([^?]*)/;

	return $paths{$path} && ($reply->media_type // '') eq 'application/json';
}

# A problem document, whole. `errors` names the faults of a 422 by pointer and code, `members` other members, `headers`
# headers that have to match.
sub is_problem ($reply, $status, $code, $name, %more) {
	my @faults;
	my $json = $reply->json;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	push @faults, faults_of_success($reply, $status);
	my $oauth = is_oauth_reply($reply);
	push @faults, 'the media type is ' . ($reply->media_type // 'absent') if !$oauth && ($reply->media_type // '') ne 'application/problem+json';
	if (ref $json ne 'HASH') {
		push @faults, 'the body is no JSON object';
	} else {
		push @faults, map { "no $_" } grep { !defined $json->{$_} || ref $json->{$_} } qw(type title status detail instance code);
		push @faults, "the code is $json->{code}" if ($json->{code} // '') ne $code;
		push @faults, 'type does not name the code' if ($json->{type} // '') ne "/problems/$code";
		push @faults, 'status differs from the status line' if ($json->{status} // 0) != $reply->status;
		push @faults, 'instance is not the request id' if ($json->{instance} // '') ne ($reply->header('x-request-id') // '');
		push @faults, 'detail is no sentence' unless ($json->{detail} // '') =~ /\A\S.*[.?]\z/s;
		push @faults, faults_of_errors($json, $more{errors}) if $more{errors};
		push @faults, faults_of_oauth($reply, $json) if $oauth;
		push @faults, 'a 422 without errors' if $code eq 'invalid' && ref $json->{errors} ne 'ARRAY';
		for my $member (sort keys(($more{members} // {})->%*)) {
			push @faults, "$member is " . ($json->{$member} // 'absent') if ($json->{$member} // '') ne $more{members}{$member};
		}
	}
	push @faults, 'a 401 without WWW-Authenticate' if $status == 401 && !$oauth && ($reply->header('www-authenticate') // '') !~ /^Bearer\b/;
	push @faults, 'no Retry-After' if ($status == 429 || $status == 503 || $code eq 'idempotency_in_progress') && ($reply->header('retry-after') // '') !~ /^\d+$/;
	for my $header (sort keys(($more{headers} // {})->%*)) {
		push @faults, "$header is " . ($reply->header($header) // 'absent') if ($reply->header($header) // '') !~ $more{headers}{$header};
	}
	return ok(!@faults, $name) || diag join "\n", @faults, shown($reply);
}

# ---- time and counters -----------------------------------------------------------------------------------------------

# Until the condition holds, for at most so many seconds.
sub eventually ($name, $condition, $seconds = 10) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $until = time + $seconds;

	while (time < $until) {
		return pass($name) if $condition->();
		sleep 0.05;
	}
	return fail($name);
}

my $clock_moved;
our $around_clock = sub ($move, $offset) { $move->() }; # Purser::Jobs has more to do then

# Moves the clock of all programs by so many seconds; back to 0 when the test ends.
sub set_clock ($offset) {
	my $file = $ENV{PURSER_TEST_CLOCK} or die "PURSER_TEST_CLOCK is not set\n";
	open my $out, '>', "$file.new" or die "$file.new: $!";
	$offset = int $offset;
	print $out "$offset\n";
	close $out or die $!;
	$around_clock->(sub { rename "$file.new", $file or die "$file: $!" }, $offset);
	$clock_moved ||= $offset > 0;
}

# Ids grow within a worker, so one that has seen the future goes on making ids of the future: others take its place.
sub replace_workers () {
	my %old = map { $_ => 1 } worker_pids();
	my $until = time + 20;

	kill HUP => master_pid();
	sleep 0.05 while time < $until && grep { $old{$_} } worker_pids();
}

END {
	my $status = $?;
	if ($clock_moved) {
		set_clock(0);
		replace_workers();
		# What ran in the future waits for it no longer.
		eval { db_run('UPDATE job SET due_at = LEAST(due_at, UTC_TIMESTAMP(6))') };
	}
	$? = $status;
}

sub metrics_text () {
	my ($path) = $ENV{PURSER_METRICS_URL} =~ m{^https?://[^/]+(/.*)$};
	my $reply = Purser::Client->new(url => $ENV{PURSER_METRICS_URL}, record => 0)->request('GET', $path);
	return $reply->{body};
}

# The sum over all series of a metric whose labels match.
sub metric ($name, %labels) {
	my $sum;

	for my $line (split /\n/, metrics_text()) {
		my ($found, $inside, $value) = $line =~ /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)$/ or next;
		next if $found ne $name;
		my %has = ($inside // '') =~ /(\w+)="((?:[^"\\]|\\.)*)"/g;
		next if grep { ($has{$_} // '') ne $labels{$_} } keys %labels;
		$sum += $value;
	}
	return $sum;
}

# ---- processes -------------------------------------------------------------------------------------------------------

sub master_pid () {
	open my $in, '<', "$ENV{PURSER_VAR}/run/purser-fcgi.process" or die "the pool's pid is not known: $!\n";
	my ($master) = split ' ', <$in>;
	return $master;
}

# The processes of the pool below its master: workers, and the one that minds the keys.
sub worker_pids () {
	my $master = master_pid();
	my @pids;

	for my $stat (glob '/proc/[0-9]*/stat') {
		open my $process, '<', $stat or next;
		my ($pid, $parent) = (<$process> // '') =~ /^(\d+) .*\) \S (\d+)/ or next;
		push @pids, $pid if $parent == $master;
	}
	return @pids;
}

1;
