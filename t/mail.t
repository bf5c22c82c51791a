#!/usr/bin/perl
# The texts of mails, as `purserctl mail` shows them to an operator; and that the log never does.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(sha256);
use Encode qw(decode_utf8);
use Purser::Jobs;
use Purser::Test;

# What the command prints, as characters; undef where it fails.
sub shown (@options) {
	local $ENV{PURSER_CONFIG} = "$ENV{PURSER_VAR}/purser.conf";
	open my $pipe, '-|', "$ENV{PURSER_BUILD}/purserctl", 'mail', @options or die "purserctl: $!";
	my $text = do { local $/; <$pipe> // '' };
	return close $pipe ? decode_utf8($text) : undef;
}

sub status_of (@options) {
	local $ENV{PURSER_CONFIG} = "$ENV{PURSER_VAR}/purser.conf";
	open my $errors, '>&', \*STDERR or die $!;
	open STDERR, '>', '/dev/null' or die $!;
	my $status = system "$ENV{PURSER_BUILD}/purserctl", 'mail', @options;
	open STDERR, '>&', $errors or die $!;
	return $status >> 8;
}

sub new_address () {
	state $count = 0;
	return sprintf 'mail-%d-%d@example.com', $$, ++$count;
}

# A mail of which only its row is known; gives the address it goes to.
sub new_mail ($type, $organization = undef, %columns) {
	my $address = $columns{to} // new_address;
	my $id = new_ulid();
	db_run("INSERT INTO outbox (id, organization_id, kind, type, entity_type, entity_id, recipient, data, secret, created_at)
	    VALUES (?, ?, 'mail', ?, 'user', ?, ?, ?, ?, UTC_TIMESTAMP(6))", bytes_of($id), $organization ? bytes_of($organization->{id}) : undef,
	    $type, bytes_of($id), $address, $columns{data} // '{}', $columns{secret});
	return $address;
}

sub long_lines ($text) {
	return [grep { length > 72 && / \S/ } split /\n/, $text];
}

# ---- an invitation ----

my $address = new_address;
my $organization = new_organization(owner_email => $address);
my $text = shown('--to', $address);
my ($token) = $text =~ /^    (gpri_[0-9A-Za-z]{49})$/m;
ok(defined $token, 'the command shows the token of an invitation') or diag $text;
is(db_value('SELECT token_digest FROM invitation WHERE organization_id = ?', bytes_of($organization->{id})), sha256($token // ''),
    'which is the one that the invitation waits for');
like($text, qr/^To: \Q$address\E$/m, 'whom it goes to');
like($text, qr/^Subject: Invitation to \Q$organization->{name}\E$/m, 'its subject');
like($text, qr/with the role owner\./, 'the role');
like($text, qr{\Q$ENV{PURSER_URL}\E/v1/orgs/join-with-invite}, 'where to send the token');
like($text, qr/\n\n\Q$organization->{name}\E\n\z/, 'and ends with the organization\'s name');
is_deeply(long_lines($text), [], 'no line is longer than 72 characters');

my ($id) = $text =~ /^Id: (\S+)$/m;
ok(run_job('mail.log'), 'the job for want of SMTP runs');
ok(defined db_value('SELECT delivered_at FROM outbox WHERE id = ?', bytes_of($id)), 'the mail counts as delivered');
my $logs = join '', log_of('once-1'), map { open my $in, '<', $_ or die "$_: $!"; local $/; <$in> // '' } glob "$ENV{PURSER_VAR}/log/*";
my @lines = grep { /\Q$id\E/ && /"mail / } split /\n/, $logs;
is(scalar @lines, 1, 'with one line in the log');
like($lines[0] // '', qr/invitation to \Q$address\E/, 'that says type and recipient');
unlike($logs, qr/\Q$token\E/, 'the log has no token');
unlike($logs, qr/invites you/, 'and no text');
like(shown('--to', $address), qr/\Q$token\E/, 'the command shows it still');

# ---- what is filled in ----

# The invitation of an organization with such fields.
sub invitation_of (%fields) {
	my $email = new_address;
	new_organization(%fields, owner_email => $email);
	return shown('--to', $email);
}

my $other = invitation_of(name => '{secret} {role} {');
like($other, qr/^Subject: Invitation to \{secret\} \{role\} \{$/m, 'a name with braces stays a name');
is(scalar(() = $other =~ /gpri_/g), 1, 'and the token stands in its place alone');

my ($body) = invitation_of(name => join(' ', $$, ("\x{dc}berf\x{fc}hrungsgesellschaft") x 7)) =~ /\n\n(.*)\n\n    gpri_/s;
is_deeply(long_lines($body), [], 'a long name is wrapped');
cmp_ok((sort { $b <=> $a } map { length } split /\n/, $body)[0], '>', 60, 'at characters, not bytes');

like(invitation_of(display_name => 'The Short One'), qr/Invitation to The Short One\n.*\nThe Short One\n\z/s, 'an organization is called what it wants to be called');

my $reset = shown('--to', new_mail('password_reset'));
like($reset, qr/^Subject: Choose a new password$/m, 'a mail for a new password');
like($reset, qr{\Q$ENV{PURSER_URL}\E/v1/auth/passwords/reset}, 'says where to send the token');
like($reset, qr/^    \(no longer kept\)$/m, 'or that it is not kept any more');
like(shown('--to', new_mail('organization_closed', $organization)), qr/^Subject: \Q$organization->{name}\E was closed\n.*\n\n\Q$organization->{name}\E\n\z/ms,
    'a mail about a closed organization');

# Every type that is written somewhere.
my %written;
for my $path (glob "$FindBin::Bin/../handlers/*.c") {
	open my $in, '<', $path or die "$path: $!";
	my $source = do { local $/; <$in> };
	$written{$1} = 1 while $source =~ /\b(?:outbox_mail|alert_mail_tell)\(\s*call,\s*"([\w.]+)"/g;
	$written{$1} = 1 while $path =~ /mail_text\.c$/ && $source =~ /^\t\{ "([\w.]+)",/mg;
}
ok($written{invitation}, 'invitations are mails');
for my $type (sort keys %written) {
	my $mail = shown('--to', new_mail($type, $organization));
	like($mail, qr/^Subject: \S.*\n\n\S.*\n\z/ms, "mails of the type $type have a text");
	unlike($mail, qr/[{}]/, 'with every gap filled');
	is_deeply(long_lines($mail), [], 'of short lines');
}

# ---- what can't be shown ----

my $sealed = db_value('SELECT secret FROM outbox WHERE id = ?', bytes_of($id));
my $moved = shown('--to', new_mail('password_reset', undef, secret => \$sealed));
like($moved, qr/^\(Not shown: .*can't be opened/m, 'a secret that was moved from another mail does not open');
unlike($moved, qr/\Q$token\E/, 'and is not shown');
my $both = new_mail('organization_closed', $organization);
new_mail('no_such_mail', undef, to => $both);
my $two = shown('--to', $both);
like($two, qr/^\(Not shown: there is no text for mails of the type no_such_mail/m, 'a type without a text is said to have none');
is(scalar(() = $two =~ /^Subject: \Q$organization->{name}\E was closed/mg), 1, 'and others are shown all the same');
db_run('UPDATE outbox SET recipient = NULL, data = \'{}\', secret = NULL WHERE id = ?', bytes_of($id));
like(shown('--last', 1000), qr/^Id: \Q$id\E\nDate: \S+\nTo: \(erased\)\n/m, 'an erased one has no address');

# ---- how it is called ----

is(shown('--to', 'nobody-has-this@example.com'), '', 'to an unknown address there is nothing');
my @ids = shown('--last', 3) =~ /^Id: (\S+)$/mg;
is_deeply(\@ids, [reverse sort @ids], 'the newest come first');
is(scalar @ids, 3, 'as many as were asked for');
is(status_of('--last', $_), 2, "--last $_ is refused") for 0, 1001, 'all';
is(status_of('more'), 2, 'and so is a word too many');
done_testing;
