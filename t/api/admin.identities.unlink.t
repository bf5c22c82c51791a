#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $person = new_person();
my $link = { issuer => 'https://identity.example', subject => "unlink-$$-" . time, user_id => $person->{id} };

is_problem(call('admin.identities.unlink', $link, key => admin_key), 404, 'not_found', 'what is not linked is not unlinked');
call('admin.identities.link', $link, key => admin_key);
is_problem(call('admin.identities.unlink', { %$link, user_id => new_person()->{id} }, key => admin_key), 404, 'not_found', 'nor is it from somebody else');
is_success(call('admin.identities.unlink', $link, key => admin_key), 'a link is undone');
is(db_value('SELECT COUNT(*) FROM identity WHERE subject = ?', $link->{subject}), 0, 'and gone');
is(db_value("SELECT HEX(target_id) FROM audit WHERE operation = 'admin.identities.unlink' ORDER BY id DESC LIMIT 1"),
    uc unpack('H*', bytes_of($person->{id})->$*), 'the audit names the person');
done_testing;
