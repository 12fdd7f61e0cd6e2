"""The check of the second channel. Nothing is sent: ``triage alert test`` does that."""

from collections.abc import Iterator, Mapping

from triage.check.line import Line
from triage.context import Channel
from triage.mail.alerts import AlertError, goes_by_mail, service_of
from triage.second_channel import CHANNELS, named
from triage.settings import Settings, SettingsError

_NONE = "there is no second channel: when mail fails, nobody is told by any other way; set alerts.urls"
_UNCALLED = "while mail fails nothing can call them; set alerts.on_call_urls or alerts.urls"
_BY_MAIL = "goes by mail too, which it is there to do without"


def check_alerts(settings: Settings) -> Iterator[Line]:
    """Read the addresses of each end of the second channel, and say which services they are of."""
    for channel in CHANNELS:
        name = f"alerts {channel}"
        try:
            found = dict(named(settings.alerts, channel))
        except SettingsError as error:
            yield Line("fail", name, str(error))
        else:
            yield _judge(name, channel, found, alone=_is_alone(settings))


def _is_alone(settings: Settings) -> bool:
    """Tell whether somebody is on call and no way but mail leads to them or to anybody."""
    table = settings.alerts
    given = (table.urls, table.urls_file, table.on_call_urls, table.on_call_urls_file)
    return "@" in settings.safeguarding.on_call and not any(given)


def _judge(name: str, channel: Channel, found: Mapping[str, str], *, alone: bool) -> Line:
    faults, services = [], []
    for each, url in found.items():
        try:
            services.append(f"{each}: {service_of(url)}")
        except AlertError as error:
            faults.append(f"{each}: {error}")
    if faults:
        return Line("fail", name, "; ".join(faults))
    if not found:
        return _without(name, channel, alone=alone)
    by_mail = [each for each, url in found.items() if goes_by_mail(url)]
    if by_mail:
        return Line("warn", name, f"{', '.join(by_mail)} {_BY_MAIL}")
    return Line("ok", name, "; ".join(services))


def _without(name: str, channel: Channel, *, alone: bool) -> Line:
    if channel == "service":
        return Line("warn", name, _NONE)
    return Line("warn", name, _UNCALLED) if alone else Line("ok", name, "by mail alone")
