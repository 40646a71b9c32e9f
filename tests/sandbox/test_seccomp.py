"""The list of system calls says each once, and the filter fits the kernel."""

from clearinghouse.sandbox import seccomp

KERNEL_LIMIT_BYTES = 4096 * 8


def test_no_call_is_listed_twice() -> None:
    assert len(set(seccomp.ALLOWED)) == len(seccomp.ALLOWED)


def test_nothing_is_both_allowed_and_absent() -> None:
    assert set(seccomp.ALLOWED).isdisjoint(seccomp.PROBED)


def test_what_makes_namespaces_mounts_or_modules_is_not_allowed() -> None:
    never = ["mount", "umount2", "unshare", "setns", "pivot_root", "chroot", "init_module", "kexec_load", "clone3"]
    never += ["ptrace", "bpf", "keyctl", "add_key", "socket"]
    assert set(never).isdisjoint(seccomp.ALLOWED)


def test_the_filter_is_a_program_the_kernel_takes() -> None:
    program = seccomp.program()
    assert len(program) % 8 == 0 and 0 < len(program) <= KERNEL_LIMIT_BYTES
