"""The checks of the review site: how it is reached, and whether anybody can sign in."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage.certificate import try_certificate, valid_until
from triage.check.line import Line, in_words
from triage.settings import Settings
from triage.store.accounts import count_accounts

RENEW = timedelta(days=14)


def check_site(settings: Settings, now: datetime) -> Line:
    """Say how browsers reach the site, and try its certificate."""
    web = settings.web
    if web.certificate is None or web.certificate_key is None:
        by = f", behind {', '.join(web.proxies)}" if web.proxies else ", on this machine only"
        return Line("ok", "site", f"{web.where}{by}")
    try:
        try_certificate(web.certificate, web.certificate_key)
        until = valid_until(web.certificate)
    except (OSError, ValueError) as error:
        return Line("fail", "site", str(error))
    words = f"{web.where}, with a certificate until {in_words(until.date())}"
    if until <= now:
        return Line("fail", "site", f"{words}: it is over")
    return Line("warn" if until - now < RENEW else "ok", "site", words)


def check_digest(settings: Settings) -> Line:
    """Ask who has a digest in the morning, and whether its links lead anywhere from another machine."""
    owners = {mailbox.address for mailbox in settings.mailboxes if mailbox.digest}
    if not settings.digest.enabled or not owners:
        return Line("ok", "digest", "nobody has one, as decided")
    words = f"for {len(owners)} {'mailbox' if len(owners) == 1 else 'mailboxes'}"
    if not settings.web.address:
        return Line("warn", "digest", f"{words}; its links work on this machine only: set web.address")
    return Line("ok", "digest", words)


def check_sign_in(settings: Settings, conn: Connection) -> Line:
    """Ask whether anybody can sign in. Raises StoreError."""
    if settings.web.sign_in != "local":
        return Line("ok", "sign-in", "at the school's provider")
    number = count_accounts(conn)
    if not number:
        return Line("warn", "sign-in", "nobody can sign in yet: triage user add ADDRESS")
    return Line("ok", "sign-in", f"{number} {'account' if number == 1 else 'accounts'}")
