"""Ending a server with all its children, so that no test leaves a process behind."""

import subprocess

import psutil


def end_tree(process: subprocess.Popen[bytes], seconds: float = 5.0) -> None:
    """Terminate a process and every descendant, kill what stays, and reap it.

    The children are listed before the parent ends: Dovecot's imap processes survive their master.
    """
    family = _family(process.pid)
    for member in family:
        _signal(member.terminate)
    _, alive = psutil.wait_procs(family, timeout=seconds)
    for member in alive:
        _signal(member.kill)
    psutil.wait_procs(alive, timeout=seconds)
    process.wait()


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _signal(send) -> None:
    try:
        send()
    except psutil.NoSuchProcess:
        return
