/**
 * Which system calls a program that reads a stranger's file is refused, as a seccomp filter (linux/seccomp.h): pure, a table in
 * and bytes out. A program of the kernel's own small machine (classic BPF) looks at the number of every call. What is refused
 * fails with EPERM and the program goes on; all else is allowed, since no list of what ffmpeg needs would survive its next version.
 */

/** Processors whose numbers are known here, by Node's names; on others there is no filter. */
export type Architecture = "x64" | "arm64";

export interface FilterOptions {
  /** Whether it may fork, for programs that are more than one process. */
  mayFork: boolean;
}

/** The filter as the kernel takes it: 8 bytes an instruction. */
export function syscallFilter(architecture: Architecture, { mayFork }: FilterOptions): Buffer {
  const families = Object.entries(refusedCalls).filter(([family]) => family !== "processes" || !mayFork);
  const refused = families.flatMap(([, calls]) => calls.map((call) => call[architecture])).filter((value) => value !== undefined);
  return Buffer.concat([
    load(offsets.architecture),
    // Another architecture's calls on this processor (32 bits) have other numbers.
    ...unlessEqual(auditArchitecture[architecture], ret.kill),
    load(offsets.number),
    ...whereAtLeast(x32Calls, ret.refuse),
    ...refused.flatMap((value) => whereEqual(value, ret.refuse)),
    // Its flags lie in memory, where a filter cannot look: libc takes "no such call" as a word to use clone.
    ...(mayFork ? [] : whereEqual(clone3[architecture], ret.noSuchCall)),
    ...(mayFork ? [] : refuseClone(clone[architecture])),
    ...refuseOtherProcess(prlimit[architecture]),
    ret.allow,
  ]);
}

interface Call {
  name: string;
  x64?: number;
  arm64?: number;
}

/** Name and number on x64 and on arm64 (asm/unistd_64.h, asm-generic/unistd.h); "-" where there is no such call. */
function calls(table: string): Call[] {
  return [...table.matchAll(/(\w+) (\d+|-) (\d+|-)/g)].map(([, name = "", x64, arm64]) => ({
    name,
    x64: x64 === "-" ? undefined : Number(x64),
    arm64: arm64 === "-" ? undefined : Number(arm64),
  }));
}

/** What is refused, by what it would be good for to somebody who has taken the program over. */
export const refusedCalls = {
  /** No socket of any kind: not to the world, not to a database or a Docker that listens on this machine. io_uring would open them unseen. */
  network: calls(`socket 41 198, socketpair 53 199, connect 42 203, bind 49 200, listen 50 201, accept 43 202, accept4 288 242,
    sendto 44 206, sendmsg 46 211, sendmmsg 307 269, recvfrom 45 207, recvmsg 47 212, recvmmsg 299 243,
    io_uring_setup 425 425, io_uring_enter 426 426, io_uring_register 427 427`),
  /** A fork bomb, a shell. Threads are no processes: see `refuseClone`. */
  processes: calls("fork 57 -, vfork 58 -, execveat 322 281"),
  /** The memory of other processes (ours has keys in it), their life and their share of the processor. */
  others: calls(`ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271, process_madvise 440 440,
    process_mrelease 448 448, kcmp 312 272, pidfd_open 434 434, pidfd_getfd 438 438, pidfd_send_signal 424 424, kill 62 129,
    tkill 200 130, tgkill 234 131, rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240, setpriority 141 140, ioprio_set 251 30,
    sched_setparam 142 118, sched_setscheduler 144 119, sched_setattr 314 274`),
  /** Memory that no limit counts. */
  memory: calls(`memfd_create 319 279, memfd_secret 447 447, shmget 29 194, shmat 30 196, shmctl 31 195, msgget 68 186,
    msgsnd 69 189, msgrcv 70 188, semget 64 190, semop 65 193, semtimedop 220 192, mq_open 240 180, mq_unlink 241 181`),
  /** What may be done to files that cannot be opened: Landlock has no say in these. */
  files:
    calls(`chmod 90 -, fchmod 91 52, fchmodat 268 53, fchmodat2 452 452, chown 92 -, fchown 93 55, lchown 94 -, fchownat 260 54,
    utime 132 -, utimes 235 -, futimesat 261 -, utimensat 280 88, setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7,
    setxattrat 463 463, removexattr 197 14, lremovexattr 198 15, fremovexattr 199 16, removexattrat 466 466,
    file_setattr 469 469, mknod 133 -, mknodat 259 33, fanotify_init 300 262, inotify_init 253 -, inotify_init1 294 26,
    name_to_handle_at 303 264, open_by_handle_at 304 265`),
  /** The kernel's rarer doors: most of them want root, and most holes of past years were behind one of them. */
  kernel: calls(`bpf 321 280, perf_event_open 298 241, keyctl 250 219, add_key 248 217, request_key 249 218, userfaultfd 323 282,
    mount 165 40, umount2 166 39, move_mount 429 429, mount_setattr 442 442, open_tree 428 428, open_tree_attr 467 467,
    fsopen 430 430, fsconfig 431 431, fsmount 432 432, fspick 433 433, pivot_root 155 41, chroot 161 51, setns 308 268,
    unshare 272 97, swapon 167 224, swapoff 168 225, reboot 169 142, kexec_load 246 104, kexec_file_load 320 294,
    init_module 175 105, finit_module 313 273, delete_module 176 106, acct 163 89, quotactl 179 60, quotactl_fd 443 443,
    syslog 103 116, settimeofday 164 170, clock_settime 227 112, adjtimex 159 171, clock_adjtime 305 266, sethostname 170 161,
    setdomainname 171 162, iopl 172 -, ioperm 173 -, modify_ldt 154 -, uselib 134 -, ustat 136 -, sysfs 139 -, vhangup 153 58,
    personality 135 92, lookup_dcookie 212 18`),
} as const satisfies Record<string, Call[]>;

const clone = { x64: 56, arm64: 220 };
const clone3 = { x64: 435, arm64: 435 };
const prlimit = { x64: 302, arm64: 261 };

/** linux/audit.h: the machine's ELF number, 64 bits, little-endian. */
const auditArchitecture = { x64: 0xc000003e, arm64: 0xc00000b7 };
/** x64 has a second set of all calls, for programs with 32-bit pointers, from here on; arm64 has no numbers this high. */
const x32Calls = 0x40000000;
/** linux/sched.h, CLONE_THREAD. */
const threadFlag = 0x00010000;

/** Bytes of struct seccomp_data; of an argument's 8 bytes the lower half comes first on both processors. */
const offsets = { number: 0, architecture: 4, firstArgument: 16 };

/** linux/bpf_common.h. */
const code = { load: 0x20, jumpIfEqual: 0x15, jumpIfAtLeast: 0x35, jumpIfAnyBit: 0x45, return: 0x06 };

/** linux/seccomp.h, SECCOMP_RET_*; 1 is EPERM and 38 ENOSYS. */
const ret = {
  allow: instruction(code.return, 0x7fff0000),
  refuse: instruction(code.return, 0x00050001),
  noSuchCall: instruction(code.return, 0x00050026),
  kill: instruction(code.return, 0x80000000),
};

const load = (offset: number) => instruction(code.load, offset);
const whereEqual = (value: number, then: Buffer) => [instruction(code.jumpIfEqual, value, 0, 1), then];
const unlessEqual = (value: number, then: Buffer) => [instruction(code.jumpIfEqual, value, 1, 0), then];
const whereAtLeast = (value: number, then: Buffer) => [instruction(code.jumpIfAtLeast, value, 0, 1), then];

/** A new thread is allowed, a new process is not. */
function refuseClone(number: number): Buffer[] {
  return [
    instruction(code.jumpIfEqual, number, 0, 4),
    load(offsets.firstArgument),
    instruction(code.jumpIfAnyBit, threadFlag, 0, 1),
    ret.allow,
    ret.refuse,
  ];
}

/** libc reads its own limits by this call (process 0); another's could be lowered by it. */
function refuseOtherProcess(number: number): Buffer[] {
  return [
    instruction(code.jumpIfEqual, number, 0, 3),
    load(offsets.firstArgument),
    instruction(code.jumpIfEqual, 0, 1, 0),
    ret.refuse,
  ];
}

/** struct sock_filter: what to do, how far to jump where it holds and where not, and with which value. */
function instruction(operation: number, value: number, jumpTrue = 0, jumpFalse = 0): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(operation, 0);
  bytes.writeUInt8(jumpTrue, 2);
  bytes.writeUInt8(jumpFalse, 3);
  bytes.writeUInt32LE(value, 4);
  return bytes;
}
