#!/usr/bin/perl -w
# Puts guards on this process and becomes the program. sandbox.ts says which guards; this file only makes the system calls, which
# no program of Debian's base offers on a command line. It needs perl-base, which no Debian is without, and nothing else of Perl.
#
#   confine.pl [--report] prctl=<number> prlimit64=<number> capset=<number> guard=<name> <step>... guard=<name> <step>... -- program argument...
#
# A step is one of %steps with its operands ("limit=9=2147483648=2147483648"). Guards are put up in the order given. One that cannot
# be put up ends this process with 126, before the program runs. With --report nothing runs: each guard is tried and told,
# "files: ok" or "files: Function not implemented". No modules: they would take as long to load as all the rest takes to run.
use strict;

# linux/prctl.h
my %prctl = (pdeathsig => 1, seccomp => 22, drop_bounding => 24, securebits => 28, no_new_privileges => 38);
my ($kill, $filter_mode, $last_capability) = (9, 2, 63);
# linux/securebits.h: user 0 gains nothing by running a program, and that is final.
my $no_root_locked = 3;
# linux/capability.h, _LINUX_CAPABILITY_VERSION_3
my $capability_version = 0x20080522;
# linux/landlock.h; the same numbers on every processor
my %landlock = (create => 444, add => 445, restrict => 446);
my ($path_beneath, $ask_version) = (1, 1);
# fcntl.h: O_PATH | O_CLOEXEC
my $just_the_place = 010000000 | 02000000;

my (%number, $rights, $ruleset);

my %steps = (
    # Our parent may have died before the signal was asked for.
    die_with => sub { prctl(pdeathsig => $kill); getppid() == $_[0] or die "the parent is gone\n" },
    no_new_privileges => sub { prctl(no_new_privileges => 1) },
    # Whoever may not change these has none to lose; user 0 would gain them back, so for it a refusal counts.
    no_capabilities => sub {
        my $locked = syscall($number{prctl}, $prctl{securebits}, $no_root_locked, 0, 0, 0) == 0;
        die "$!\n" if $> == 0 && !$locked;
        for my $capability (0 .. $last_capability) { syscall($number{prctl}, $prctl{drop_bounding}, $capability, 0, 0, 0) }
        my ($myself, $none) = (pack('LL', $capability_version, 0), pack('L6', (0) x 6));
        done(syscall($number{capset}, $myself, $none));
    },
    # Whoever started us may have set a lower one, which cannot be raised.
    limit => sub {
        my ($resource, @wanted) = @_;
        my $present = pack('QQ', 0, 0);
        done(syscall($number{prlimit64}, 0, $resource + 0, 0, $present));
        my $most = (unpack('QQ', $present))[1];
        done(syscall($number{prlimit64}, 0, $resource + 0, pack('QQ', map { $_ < $most ? $_ : $most } @wanted), 0));
    },
    # Everything that this kernel's Landlock knows is refused from here on, but for what is allowed below.
    ruleset => sub {
        my @known = @_;
        my $version = done(syscall($landlock{create}, 0, 0, $ask_version));
        $rights = $known[$version < @known ? $version - 1 : $#known] + 0;
        my ($tcp, $scopes) = ($version >= 4 ? 3 : 0, $version >= 6 ? 3 : 0);
        my $attributes = pack('QQQ', $rights, $tcp, $scopes);
        $ruleset = done(syscall($landlock{create}, $attributes, length $attributes, 0));
    },
    allow => sub {
        my ($wanted, $path) = @_;
        sysopen(my $place, $path, $just_the_place) or die "$path: $!\n";
        done(syscall($landlock{add}, $ruleset, $path_beneath, pack('Ql', ($wanted + 0) & $rights, fileno $place), 0));
    },
    restrict => sub { done(syscall($landlock{restrict}, $ruleset, 0)) },
    filter => sub {
        my $code = pack('H*', $_[0]);
        prctl(seccomp => $filter_mode, pack('Sx6P', length($code) / 8, $code));
    },
);

my $reporting = $ARGV[0] eq '--report';
shift @ARGV if $reporting;
my ($guard, $refusal);
while (defined(my $step = shift @ARGV)) {
    my ($name, $operands) = split /=/, $step, 2;
    if ($name eq '--' || $name eq 'guard') {
        report() if defined $guard;
        last if $name eq '--';
        ($guard, $refusal) = ($operands, undef);
    } elsif (!defined $guard) {
        $number{$name} = $operands + 0;
    } elsif (!defined $refusal) {
        # A path may hold an "=" of its own.
        my @operands = $name eq 'allow' ? split(/=/, $operands, 2) : split(/=/, $operands // '');
        eval { $steps{$name}->(@operands); 1 } or $refusal = $@;
    }
}
exit 0 if $reporting;
exec { $ARGV[0] } @ARGV or die "$ARGV[0]: $!\n";

sub report {
    chomp $refusal if defined $refusal;
    if ($reporting) { print "$guard: ", $refusal // 'ok', "\n" }
    elsif (defined $refusal) { print STDERR "confine: $guard: $refusal\n"; exit 126 }
}

sub prctl { my ($option, @values) = @_; push @values, 0 while @values < 4; return done(syscall($number{prctl}, $prctl{$option}, @values)) }

# The result of a system call; what went wrong is thrown.
sub done { my ($result) = @_; die "$!\n" if $result == -1; return $result }
