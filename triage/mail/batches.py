"""Cutting what is asked of a mail server into commands of a bounded size."""

from collections.abc import Iterator, Mapping

BATCH = 50  # more a command is no faster (measured), and a lost connection costs less
_BATCH_BYTES = 4 * 1024 * 1024


def chunks(uids: list[int], size: int) -> Iterator[list[int]]:
    """Cut UIDs into runs of at most ``size``, in their order."""
    return (uids[start : start + size] for start in range(0, len(uids), size))


def parts(exists: int, most: int) -> Iterator[list[str]]:
    """Cut a folder into sequence sets of at most ``most`` messages; a small one is not cut at all.

    The highest numbers come first: a message that is expunged meanwhile moves those above it down, into
    a part that is still to be searched, so that none is passed over.
    """
    if exists <= most:
        yield []
        return
    for first in reversed(range(1, exists + 1, most)):
        last = first + most - 1
        yield [f"{first}:{last if last < exists else '*'}"]


def batches(sizes: Mapping[int, int], cap_bytes: int) -> Iterator[list[int]]:
    """Cut messages into batches in their order; a message over the cap is a batch of its own."""
    batch: list[int] = []
    held = 0
    for uid, size in sizes.items():
        full = len(batch) == BATCH or held + size > _BATCH_BYTES or size > cap_bytes
        if batch and full:
            yield batch
            batch, held = [], 0
        if size > cap_bytes:
            yield [uid]
        else:
            batch.append(uid)
            held += size
    if batch:
        yield batch
