#!/usr/bin/perl
# The catalogue of events: what is written anywhere is declared, what is declared is in the reference, and what inboxes are told
# of is one of them.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Test;

my ($head, @lines) = split /\n/, Purser::Test::describe('events');
my @columns = split /\t/, $head;
is_deeply(\@columns, [qw(type entity flags data summary)], 'a line for each event says what it is about');
my %events;
for my $line (@lines) {
	my %row;
	@row{@columns} = split /\t/, $line;
	$events{ $row{type} } = \%row;
}
is(scalar keys %events, scalar @lines, 'each type once');
is_deeply([grep { $events{$_}{summary} !~ /^[A-Z].*\.$/ } sort keys %events], [], 'with a sentence');

# ---- the reference ----

my $document = openapi;
my @outside = sort grep { $events{$_}{flags} ne 'internal' } keys %events;
is_deeply([sort keys $document->{webhooks}->%*], \@outside, 'the reference has all but the internal ones');
my %ids;
my $schemas = $document->{components}{schemas};
my $envelope = $schemas->{WebhookEvent};
is_deeply([sort $envelope->{required}->@*], [qw(data entity_id entity_type event_id event_type organization_id timestamp)], 'in one envelope');
for my $type (@outside) {
	my $post = $document->{webhooks}{$type}{post};
	my ($shared, $own) = $post->{requestBody}{content}{'application/json'}{schema}{allOf}->@*;
	my ($name) = $own->{properties}{data}{'$ref'} =~ m{([^/]+)$};
	my @members = grep { length } split /,/, $events{$type}{data};
	is_deeply([sort keys $schemas->{$name}{properties}->%*], [sort map { s/\?$//r } @members], "$type: its data is described");
	is($own->{properties}{event_type}{const}, $type, "$type: it is the type");
	$ids{ $post->{operationId} }++;
}
is_deeply([grep { $ids{$_} > 1 } keys %ids], [], 'and no operationId is there twice');
is_deeply([map { $_->{'$ref'} =~ s{.*/}{}r } $document->{webhooks}{'topup.failed'}{post}{parameters}->@*], [qw(webhook-id webhook-timestamp webhook-signature)],
    'with the headers they are signed by');
is_deeply([grep { !$document->{components}{parameters}{$_}{required} } qw(webhook-id webhook-timestamp webhook-signature)], [], 'which are always there');

# ---- what is written ----

# A stack that ran other tests before has much to say; these are there in any case.
my $organization = new_organization(credits => 1000);
new_key($organization, 'orders:read');
my @written = db_column("SELECT DISTINCT type FROM outbox WHERE kind = 'event'");
ok((grep { $_ eq 'api_key.created' } @written), 'events were written');
is_deeply([grep { !$events{$_} } sort @written], [], 'none of a type that is not declared');
my $rows = db_run("SELECT DISTINCT type, entity_type FROM outbox WHERE kind = 'event'")->fetchall_arrayref({});
is_deeply([map { "$_->{type} $_->{entity_type}" } grep { $events{ $_->{type} } && $events{ $_->{type} }{entity} ne $_->{entity_type} } @$rows], [], 'or about another kind of thing');
my %loose;
for my $row (db_run("SELECT type, data FROM outbox WHERE kind = 'event' AND data <> '{}' ORDER BY id DESC LIMIT 2000")->fetchall_arrayref({})->@*) {
	my $event = $events{ $row->{type} } // next;
	my %known = map { s/\?$//r => 1 } split /,/, $event->{data};
	my @needed = grep { !/\?$/ } split /,/, $event->{data};
	my $data = decode_json($row->{data});
	$loose{ $row->{type} } = 1 if grep({ !$known{$_} } keys %$data) || grep({ !exists $data->{$_} } @needed);
}
is_deeply([sort keys %loose], [], 'nor with other members than are declared');

# ---- inboxes ----

my @rules = db_column('SELECT type FROM notification_rule');
is_deeply([grep { !$events{$_} } sort @rules], [], 'every type that inboxes are told of is declared');
is_deeply([grep { $events{$_} && $events{$_}{flags} eq 'internal' } @rules], [], 'and none is internal');
done_testing;
