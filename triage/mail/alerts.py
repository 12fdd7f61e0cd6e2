"""The second channel: alerts by apprise, which knows a hundred services. Nothing else here imports it.

Its addresses hold secrets, so neither is an address repeated in any words, nor may apprise write to the log.
"""

import logging
from functools import cache
from typing import Any

from triage.mail.answer import Answer

SECONDS = 20
"""How long one service may take, beside the time limits of its own connections."""

MAIL = frozenset({"mailto", "mailtos"})

_NOT_READ = "it is no address that apprise can use; see https://appriseit.com/services/"
_UNVERIFIED = "it turns the verifying of certificates off: take verify=no out of it"
_NOT_TAKEN = "the service did not take the alert, or could not be reached in time"


class AlertError(ValueError):
    """An address that cannot be used. The text says why, and never repeats it."""


def service_of(url: str) -> str:
    """Return the name of the service that an address is of; nothing is sent. Raises AlertError."""
    return str(_plugin(url).service_name)


def goes_by_mail(url: str) -> bool:
    """Tell whether an address is one of mail, which is what the second channel is there to do without."""
    return url.partition("://")[0].strip().lower() in MAIL


def send(url: str, title: str, text: str) -> Answer:
    """Bring an alert to an address. Whatever goes wrong is an Answer "retry", never raised."""
    try:
        plugin = _plugin(url)
        apprise = _apprise().Apprise(asset=plugin.asset)
        apprise.add(plugin)
        taken = bool(apprise.notify(body=text, title=title, body_format="text"))
    except AlertError as error:
        return Answer("retry", None, str(error), "message")
    except Exception as error:  # noqa: BLE001 - a plug-in may raise anything; its text may hold the address
        return Answer("retry", None, f"{_NOT_TAKEN} ({type(error).__name__})", "message")
    return Answer("sent", None, "", "message") if taken else Answer("retry", None, _NOT_TAKEN, "message")


def _plugin(url: str) -> Any:  # noqa: ANN401 - apprise has a class a service
    """Return what speaks to the service of an address. Raises AlertError."""
    apprise = _apprise()
    asset = apprise.AppriseAsset(
        app_id="School triage",
        app_desc="School triage",
        async_mode=False,
        http_redirects=False,  # a redirect would carry the address's secrets elsewhere
        service_timeout=SECONDS,
    )
    plugin = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if plugin is None:
        raise AlertError(_NOT_READ)
    if not plugin.verify_certificate:
        raise AlertError(_UNVERIFIED)
    return plugin


@cache
def _apprise() -> Any:  # noqa: ANN401 - the module
    """Return apprise, imported only where a second channel is set: it is large."""
    import apprise  # noqa: PLC0415 - see above

    # Not by ``disabled``: whoever sets up logging afterwards, as a web server does, takes that back.
    logging.getLogger("apprise").addFilter(lambda _record: False)
    # What it speaks HTTP by writes paths at the level DEBUG, and a path may be the secret.
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    return apprise
