package Purser::Examples::Stable;

# What an example said and was answered, made harmless and the same at every run: ids are fixed by what they name, so that one
# thing has one id in the whole reference; times are told from a fixed day; people and secrets are made up, and can be seen to be.

use v5.36;
use Digest::SHA qw(sha256 sha256_hex);
use Exporter 'import';
use POSIX qw(floor strftime);
use Purser::Reply;
use Time::Local qw(timegm);

our @EXPORT = qw(stable);

my $json = Purser::Reply::codec();
my $ulid = qr/(?<![0-9A-Z])[0-7][0-9A-HJKMNP-TV-Z]{25}(?![0-9A-Z])/;
my @crockford = split //, '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
my @people = (['ada', 'Ada Marsh'], ['ben', 'Ben Okafor'], ['mei', 'Mei Lindqvist'], ['ivo', 'Ivo Santos'], ['noa', 'Noa Brandt'], ['kim', 'Kim Petrov']);

# Names of fields that name the same kind of thing.
my %same = (
	member => 'user', billing_admin => 'user', requested_by => 'user', decided_by => 'user', rejected_by => 'user', approved_by => 'user', invited_by => 'user', creator => 'user',
	org_creator => 'user', key => 'api_key', client => 'api_key', payment_method_row => 'payment_method', payment => 'topup', plan_pending => 'plan',
);
# What an `id` of the reply is, where the operation's name does not tell.
my %noun_of = (
	'auth.users' => 'user', 'organizations.members' => 'user', 'organizations.members.invite' => 'invitation', 'admin.users' => 'user', 'admin.organizations' => 'organization', 'organizations.record' => 'organization',
	'organizations.current' => 'organization', 'billing.topup' => 'topup', 'billing.credits' => 'entry', 'audit' => 'audit_entry', 'billing.grants' => 'grant',
	'event_subscriptions' => 'subscription', 'event_subscriptions.deliveries' => 'delivery', 'billing.topups.refund' => 'refund',
);

sub noun ($operation) {
	my @words = split /\./, $operation;

	return $noun_of{$operation} if $noun_of{$operation};
	pop @words;
	return $noun_of{ join '.', @words } // $words[-1] =~ s/ies$/y/r =~ s/s$//r;
}

# ---- ids -------------------------------------------------------------------------------------------------------------

sub made_id ($kind, $number) {
	my $bits = unpack 'B*', sha256("$kind $number");
	return '01KEXAMP' . join '', map { $crockford[oct '0b' . substr $bits, 5 * $_, 5] } 0 .. 17;
}

sub id_for ($memory, $id, $name) {
	return $memory->{ids}{$id} //= do {
		my $kind = $name =~ s/_ids?$//r;
		$kind = $memory->{noun} if $kind eq 'id' || $kind eq '';
		$kind = $same{$kind} // $kind;
		made_id($kind, ++$memory->{count}{$kind});
	};
}

# ---- times -----------------------------------------------------------------------------------------------------------

# The fixed moment that stands for now, and what is a while from now the same while from it: whole hours where it is that, and
# what begins with a month or a day still does.
my $base = timegm(0, 30, 9, 15, 0, 2026);

sub month_of ($time) { my ($month, $year) = (gmtime $time)[4, 5]; return 12 * $year + $month }

sub months_on ($time, $months) {
	my ($second, $minute, $hour, $day, $month, $year) = gmtime $time;
	my $index = 12 * $year + $month + $months;
	my @last = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);
	my $last = $last[$index % 12];
	$day = $last if $day >= $last[$month] || $day > $last; # the last stays the last
	return timegm($second, $minute, $hour, $day, $index % 12, floor($index / 12) + 1900);
}

sub moved ($memory, $time) {
	my $from_now = $time - $memory->{now};
	my $hours = floor($from_now / 3600 + 0.5);

	return $base + 30 * 86_400 if abs($from_now - 3000 * 86_400) < 300; # as long as what the tests write themselves lasts
	return $time if $from_now < -62 * 86_400 || $from_now > 400 * 86_400; # a day that is always the same
	# What was done in the last month was done at a full minute, and took a moment.
	return months_on($time - ($time % 60 < 30 ? $time % 60 : 0), month_of($base) - month_of($memory->{now})) if $from_now < -7 * 86_400;
	return $base + 3600 * $hours if abs($from_now - 3600 * $hours) < 300;
	return $base + 600 * floor($from_now / 600 + 0.5) if abs $from_now < 7200;
	return months_on($time, month_of($base) - month_of($memory->{now}));
}

# A midnight, as many months and days away as it was from the day of the run; that of a month's first day is still that.
sub midnight ($memory, $time) {
	my $moved = months_on($time, month_of($base) - month_of($memory->{now}));
	my $begins_month = (gmtime $time + 11 * 3600)[3] == 1; # in Sydney, or in UTC

	$moved -= 3600 if (gmtime $moved)[2] == 14; # the fixed moment is in Sydney's summer
	return $begins_month ? $moved : $moved + 86_400 * ((gmtime $base)[3] - (gmtime $memory->{now})[3]);
}

sub instant ($memory, $text) {
	my ($year, $month, $day, $hour, $minute, $second, $rest) = $text =~ /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?Z$/;
	my $time = timegm($second, $minute, $hour, $day, $month - 1, $year);
	my $is_border = !$rest && $minute == 0 && $second == 0; # of a day or month; what follows from now has a fraction
	my $moved = $is_border && abs($time - $memory->{now}) < 62 * 86_400 ? midnight($memory, $time) : moved($memory, $time);
	return $text if $moved == $time;
	return strftime('%Y-%m-%dT%H:%M:%S', gmtime $moved) . (defined $rest ? $rest eq '.999999' ? $rest : '.000000' : '') . 'Z';
}

sub day ($memory, $text) {
	my ($year, $month, $day) = split /-/, $text;
	my $time = timegm(0, 0, 0, $day, $month - 1, $year);
	my $days = floor(($time - $memory->{now}) / 86_400) + 1;
	return $text if $days < -62 || $days > 400;
	return strftime '%Y-%m-%d', gmtime(abs $days <= 7 ? $base + 86_400 * $days : months_on($time, month_of($base) - month_of($memory->{now})));
}

sub month ($memory, $text) {
	my ($year, $month) = split /-/, $text;
	my $away = 12 * ($year - 1900) + $month - 1 - month_of($memory->{now});
	return $text if abs $away > 2;
	return strftime '%Y-%m', gmtime months_on(timegm(0, 0, 0, 1, 0, 2026), $away);
}

# ---- texts -----------------------------------------------------------------------------------------------------------

sub person ($memory, $number) { return $people[($memory->{people}{$number} //= $memory->{count}{person}++) % @people] }

sub made_up ($bytes) { return substr(('example' x 20), 0, $bytes) }

sub text ($memory, $name, $text) {
	return instant($memory, $text) if $text =~ /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
	return day($memory, $text) if $text =~ /^\d{4}-\d\d-\d\d$/;
	return month($memory, $text) if $text =~ /^\d{4}-\d\d$/ && $name ne 'expires';
	return 'bmV4dCBwYWdl' if $name eq 'next_cursor';
	$text =~ s/\b(gpr[a-z]_)[0-9A-Za-z]{49}\b/$1 . made_up(14)/ge;
	$text =~ s/\b(gpr[a-z]_)[0-9A-Za-z]{4}\b/$1 . made_up(4)/ge;
	$text =~ s{\bwhsec_[0-9A-Za-z+/]{20,}=*}{whsec_ZXhhbXBsZSBzZWNyZXQ=}g;
	$text =~ s/\bt=\d+,v1=[0-9a-f]{64}/"t=$base,v1=" . sha256_hex('example')/ge;
	$text =~ s/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/sha256_hex("example $name")/ge;
	$text =~ s/$ulid/id_for($memory, $&, $name)/ge;
	$text =~ s/\b(?:person|fresh|hash)-\d+-(\d+)\@example/person($memory, $1)->[0] . '@example'/ge;
	$text =~ s/\b(?:Owner|Admin|Billing|Member|Viewer|Nobody) (\d+)\b/person($memory, $1)->[1]/ge;
	$text =~ s/\b(grace|tiles|job|call)-\d+-\d+\b/$1/g;
	$text =~ s/\b(INV|CN)-0*(\d+)\b/sprintf '%s-%06d', $1, $memory->{numbers}{"$1 $2"} \/\/= 1041 + ++$memory->{count}{$1}/ge;
	$text =~ s/\bTest \d+-\d+/Northern Imagery/g;
	$text =~ s/\bnorthern-imagery-[a-z0-9]{8}\b/northern-imagery/g;
	$text =~ s/\b(price_\w+_internal_\w+?_)\d+\b/${1}1/g;
	$text =~ s/\b([a-z]{2,4})_[0-9A-Za-z]{20,30}\b/${1}_example/g;
	$text =~ s/\b([a-z]{2,4})_[0-9A-Za-z]{20,30}_secret_[0-9A-Za-z]+/${1}_example_secret_example/g;
	$text =~ s/\bSANDBOX-[0-9A-Za-z]+/SANDBOX-1041/g;
	$text =~ s{https://localhost:\d+}{https://billing.example.com}g;
	$text =~ s/\A127\.0\.0\.1\z/203.0.113.7/;
	$text =~ s{https://127\.0\.0\.1:\d+/as/(\w+)}{https://$1.example.com}g;
	$text =~ s/\bexample\.invalid\b/example.com/g;
	return $text;
}

# Numbers that tell of the moment, or of what else there is where the tests run.
my %numbers = (milliseconds => 18, seconds => 2_592_000, of_seconds => 2_592_000, version => 1, done => 412, total => 412, granted => 3, last_invoice_date => $base);

# ---- all of it -------------------------------------------------------------------------------------------------------

sub is_number ($value) { return $json->encode($value) !~ /^"/ }

sub walk ($memory, $name, $value) {
	if (ref $value eq 'HASH') {
		return { map { $_ => walk($memory, $_, $value->{$_}) } sort keys %$value };
	}
	return [map { walk($memory, $name, $_) } @$value] if ref $value eq 'ARRAY';
	return $value if !defined $value || ref $value;
	return $value || $name eq 'milliseconds' ? $numbers{$name} // $value : $value if is_number($value);
	return undef if $name eq 'last_used_at'; # which is told a while later
	return text($memory, $name, $value);
}

# stable($operation, $organization, $input, $reply): both, in that order, as they are recorded.
sub stable ($operation, $organization, @values) {
	my %memory = (noun => noun($operation), now => time, people => {}, count => {}, ids => {});

	id_for(\%memory, $organization->{id}, 'organization');
	id_for(\%memory, $organization->{key_id}, 'api_key');
	return map { walk(\%memory, 'id', $_) } @values;
}

1;
