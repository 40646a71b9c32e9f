"""The system calls a sandboxed program may make: an allow list, as a BPF program for ``bwrap --seccomp``.

What is not on the list answers EPERM, as a missing right would. Calls that a C library or a runtime merely probes for
answer ENOSYS, so that it falls back to an older call.

Source: docs/decisions/0021-seccomp-allow-list.md; ``../notes/security.md`` section S1.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cache

from clearinghouse.errors import Unavailable

FILES = (
    "read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek close close_range dup dup2 dup3 "
    "open openat creat openat2 fcntl flock truncate ftruncate fallocate fadvise64 readahead sync_file_range fsync "
    "fdatasync sync syncfs copy_file_range sendfile splice tee stat fstat lstat newfstatat statx statfs fstatfs "
    "access faccessat faccessat2 readlink readlinkat getdents getdents64 getcwd chdir fchdir rename renameat "
    "renameat2 mkdir mkdirat rmdir unlink unlinkat link linkat symlink symlinkat chmod fchmod fchmodat fchmodat2 "
    "chown fchown lchown fchownat umask utime utimes utimensat futimesat mknod mknodat getxattr lgetxattr fgetxattr "
    "listxattr llistxattr flistxattr setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr "
)
MEMORY = (
    "mmap munmap mremap mprotect madvise msync mincore brk mlock mlock2 munlock membarrier pkey_alloc pkey_free "
    "pkey_mprotect get_mempolicy "
)
PROCESSES = (
    "fork vfork execve exit exit_group wait4 waitid kill tkill tgkill pidfd_open pidfd_send_signal getpid getppid "
    "gettid getpgid getpgrp setpgid getsid setsid getuid geteuid getgid getegid getgroups getresuid getresgid setuid "
    "setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capget capset getrlimit setrlimit "
    "prlimit64 getrusage getpriority setpriority times sysinfo uname getcpu sched_yield sched_getaffinity "
    "sched_setaffinity sched_getscheduler sched_getparam sched_get_priority_max sched_get_priority_min "
    "sched_rr_get_interval sched_getattr "
)
THREADS = (
    "set_tid_address set_robust_list get_robust_list rseq arch_prctl set_thread_area get_thread_area restart_syscall "
    "futex futex_waitv futex_wake futex_wait futex_requeue "
)
SIGNALS_AND_TIME = (
    "rt_sigaction rt_sigprocmask rt_sigpending rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigqueueinfo "
    "rt_tgsigqueueinfo sigaltstack signalfd signalfd4 pause alarm getitimer setitimer nanosleep clock_nanosleep "
    "clock_gettime clock_getres gettimeofday time timer_create timer_settime timer_gettime timer_getoverrun "
    "timer_delete timerfd_create timerfd_settime timerfd_gettime "
)
EVENTS = (
    "eventfd eventfd2 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 poll ppoll select "
    "pselect6 pipe pipe2 inotify_init inotify_init1 inotify_add_watch inotify_rm_watch "
)
LOCAL_TALK = (
    "socketpair bind connect listen accept accept4 getsockname getpeername getsockopt setsockopt shutdown sendto "
    "sendmsg sendmmsg recvfrom recvmsg recvmmsg getrandom "
)

ALLOWED: tuple[str, ...] = (
    *FILES.split(),
    *MEMORY.split(),
    *PROCESSES.split(),
    *THREADS.split(),
    *SIGNALS_AND_TIME.split(),
    *EVENTS.split(),
    *LOCAL_TALK.split(),
)
"""Allowed whatever their arguments."""

PROBED: tuple[str, ...] = ("clone3", "memfd_secret", "io_uring_setup", "landlock_create_ruleset")
"""Looked for by C libraries and runtimes that know what to do without them: ENOSYS.

``clone3`` takes its flags in memory, where a filter cannot look.
"""

FIRST_UNKNOWN = 463
LAST_POSSIBLE = 600
"""Calls numbered between the two are younger than this list: ENOSYS, so that tomorrow's C library still starts."""

type Compared = tuple[int, int, int]
"""Position of an argument, the bits of it that count, and what they must be."""

NAMESPACE_FLAGS = 0x7E020000
"""``clone`` with any of CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET: not allowed."""

AF_UNIX = 1
LOW_HALF = 0xFFFFFFFF
"""The kernel looks at the lower half of an ``int`` argument; a filter that compares all of it can be passed by.

Source: CVE-2019-10063.
"""

TERMINAL_REQUESTS: tuple[int, ...] = (
    0x5401,  # TCGETS
    0x5402,  # TCSETS
    0x5403,  # TCSETSW
    0x5404,  # TCSETSF
    0x540F,  # TIOCGPGRP
    0x5413,  # TIOCGWINSZ
    0x541B,  # FIONREAD
    0x5421,  # FIONBIO
    0x5450,  # FIONCLEX
    0x5451,  # FIOCLEX
    0x5452,  # FIOASYNC
    0x802C542A,  # TCGETS2
    0x80045430,  # TIOCGPTN
    0x40045431,  # TIOCSPTLCK
)
"""What may be asked of ``ioctl``; TIOCSTI and TIOCLINUX, which type into the terminal of the host, are not here."""

PROCESS_REQUESTS: tuple[int, ...] = (
    1,  # PR_SET_PDEATHSIG
    2,  # PR_GET_PDEATHSIG
    3,  # PR_GET_DUMPABLE
    4,  # PR_SET_DUMPABLE
    15,  # PR_SET_NAME
    16,  # PR_GET_NAME
    21,  # PR_GET_SECCOMP
    23,  # PR_CAPBSET_READ
    36,  # PR_SET_CHILD_SUBREAPER
    37,  # PR_GET_CHILD_SUBREAPER
    38,  # PR_SET_NO_NEW_PRIVS
    39,  # PR_GET_NO_NEW_PRIVS
    29,  # PR_SET_TIMERSLACK
    30,  # PR_GET_TIMERSLACK
    0x53564D41,  # PR_SET_VMA: names memory, used by V8 and newer CPython
)
"""What may be asked of ``prctl``."""

QUERY_PERSONALITY = 0xFFFFFFFF


@cache
def program() -> bytes:
    """Return the filter for this machine's architecture as BPF instructions.

    Raises:
        Unavailable: libseccomp is not installed.
    """
    try:
        import pyseccomp  # type: ignore[import-untyped]
    except (ImportError, RuntimeError, OSError) as error:
        raise Unavailable(f"libseccomp was not found ({error}); cure: apt-get install libseccomp2") from None
    filtered = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))
    with suppress(OSError, ValueError):  # a binary tree instead of a chain, where libseccomp is 2.5 or later
        filtered.set_attr(pyseccomp.Attr.CTL_OPTIMIZE, 2)
    for action, call, compared in _rules(pyseccomp.ALLOW, pyseccomp.ERRNO(errno.ENOSYS)):
        arguments = [pyseccomp.Arg(position, pyseccomp.MASKED_EQ, mask, value) for position, mask, value in compared]
        number = call if isinstance(call, int) else int(pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, call))
        if number >= 0:  # else this architecture, or this libseccomp, has no such call
            filtered.add_rule(action, number, *arguments)
    descriptor = os.memfd_create("seccomp")
    with os.fdopen(descriptor, "w+b") as file:
        filtered.export_bpf(file)
        file.seek(0)
        return file.read()


def _rules(allow: int, absent: int) -> Iterator[tuple[int, str | int, tuple[Compared, ...]]]:
    """Yield action, call and what its arguments are compared with."""
    for name in ALLOWED:
        yield allow, name, ()
    yield allow, "clone", ((0, NAMESPACE_FLAGS, 0),)
    yield allow, "socket", ((0, LOW_HALF, AF_UNIX),)
    yield allow, "personality", ((0, LOW_HALF, QUERY_PERSONALITY),)
    for request in TERMINAL_REQUESTS:
        yield allow, "ioctl", ((1, LOW_HALF, request),)
    for request in PROCESS_REQUESTS:
        yield allow, "prctl", ((0, LOW_HALF, request),)
    for name in PROBED:
        yield absent, name, ()
    for number in range(FIRST_UNKNOWN, LAST_POSSIBLE + 1):
        yield absent, number, ()
