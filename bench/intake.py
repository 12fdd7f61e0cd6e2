"""What intake costs, against a real Dovecot, beside the same steps done raw.

    python -m bench.intake CORPUS [message|reply|idle|poll ...]

message  the processor time of a message from the fetch to the commit, without the encoder and without SMTP
reply    how long it takes from the delivery of a message to its reply at the sink, with the encoder
poll     a look into a mailbox where nothing is new, with 100, 10,000 and 200,000 messages in it
idle     what 1,000 mailboxes that are listened to over TLS take of memory; as root, for the limit of inotify
"""

import os
import sys
from pathlib import Path

from bench import intake_idle, intake_message, intake_poll, intake_reply


def main() -> None:
    """Print what was asked for, everything where nothing was."""
    corpus, asked = Path(sys.argv[1]), set(sys.argv[2:])
    if not asked or "message" in asked:
        intake_message.report(corpus)
    if not asked or "reply" in asked:
        intake_reply.report(corpus)
    if not asked or "poll" in asked:
        intake_poll.report(corpus)
    if os.geteuid() != 0:
        print("mailboxes that are listened to: left out, it takes root")
    elif not asked or "idle" in asked:
        intake_idle.report()


if __name__ == "__main__":
    main()
