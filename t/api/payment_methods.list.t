#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Cards;
use Purser::Test;

my $organization = new_organization();

sub list ($organization, %query) {
	return call('payment_methods.list', \%query, key => $organization->{key});
}

is_deeply(is_page(list($organization), 'a new organization can ask'), [], 'and has no card');
my @cards = map { attach($organization, $_)->json } qw(pm_card_visa pm_card_mastercard pm_card_amex);
attach(new_organization());
is_deeply(is_page(list($organization), 'the cards are listed'), [reverse @cards], "newest first, and nobody else's");
my $page = list($organization, limit => 2)->json;
is_deeply($page->{data}, [@cards[2, 1]], 'a page is as long as asked');
is_deeply(list($organization, limit => 2, cursor => $page->{next_cursor})->json->{data}, [$cards[0]], 'the cursor leads on');
is(list($organization)->json->{next_cursor}, undef, 'the last page says so');
my $stream = call('payment_methods.list', {}, key => $organization->{key}, accept => 'application/x-ndjson');
is(scalar(split /\n/, $stream->body), 3, 'as a stream it is a line each');
call('payment_methods.detach', { payment_method_row_id => $cards[1]{id} }, key => $organization->{key});
is_deeply([map { $_->{id} } cards_of($organization)], [@{ $cards[2] }{id}, $cards[0]{id}], 'a detached card is not listed');
is_success(get('/v1/payment_methods/list', key => new_person($organization, 'viewer')->{key}), 'a viewer may read it');
is_problem(list($organization, cursor => 'forged'), 422, 'invalid', 'a forged cursor is refused', errors => { '/cursor' => undef });
is_problem(list($organization, limit => 0), 422, 'invalid', 'a page has at least a row', errors => { '/limit' => 'out_of_range' });
is_problem(list(new_key($organization, 'orders:read')), 403, 'forbidden', 'the scope is needed', members => { required_scope => 'billing:read' });
done_testing;
