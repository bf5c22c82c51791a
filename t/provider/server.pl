#!/usr/bin/perl
# The scripted card processor: speaks the part of Stripe's API that Purser uses, on 127.0.0.1, and does what a test tells it
# to under /_control. Prints the port of the API and that of /_control alone, which no fault closes; ends with its parent.
#   server.pl [port [control-port]]
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Provider::Control;
use Purser::Provider::Desk;
use Purser::Provider::Http;
use Purser::Provider::Loop;
use Purser::Provider::State;
use Purser::Provider::Webhooks;
use Time::HiRes ();

my $parent = getppid;
my ($port, $control_port) = (@ARGV, 0, 0);
my $api;

sub take ($request) {
	return $request->{path} =~ m{\A/_control/} ? take_control($request, $api) : take_request($request);
}

sub end_with_parent () {
	exit 0 if getppid != $parent;
	after(0.5, \&end_with_parent);
}

$SIG{TERM} = sub { exit 0 };
STDOUT->autoflush(1);
set_seed($ENV{PURSER_PROVIDER_SEED} // "$$ " . Time::HiRes::time());
on_event(\&send_event);
reset_all();
$api = Purser::Provider::Http->new($port, \&take);
my $control = Purser::Provider::Http->new($control_port, \&take);
say "$api->{port} $control->{port}";
end_with_parent();
run_loop();
