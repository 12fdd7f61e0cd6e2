"""The demo's mail: about sixty messages of every kind, each of which reads as what it claims to be."""

from datetime import timedelta

import pytest

from triage.demo import hostile
from triage.demo.delivery import on_arrival
from triage.demo.messages import Demo, DemoMessage
from triage.demo.school import CAP_BYTES, new_passwords
from triage.demo.writing import write
from triage.domain.model import Message, SenderKind, Topic, Verdict
from triage.message.authentication import Gateway
from triage.message.parse import parse

GATEWAY = Gateway(frozenset({"mx.oakfield.example"}))
REPLIES = {"siblings-unnamed": "<reply@oakfield.example>"}
# What these claim is shown further down: their bytes are not what their text says.
UNLIKE = {
    "header-line-breaks",
    "nested-parts",
    "broken-base64",
    "bounce",
    "read-receipt",
    "calendar-acceptance",
}


def read(message: DemoMessage) -> Message:
    raw = on_arrival(message, message.mailboxes[0]) + write(message, REPLIES)
    return parse(raw, message.received, GATEWAY)


def find(demo: Demo, message_id: str) -> DemoMessage:
    return next(message for message in demo.messages if message.id == message_id)


def words(text: str) -> str:
    return " ".join(text.split())


def test_there_are_about_sixty_messages_for_four_inboxes(demo):
    assert 55 <= len(demo.messages) <= 75
    assert {mailbox for message in demo.messages for mailbox in message.mailboxes} == set(new_passwords())


def test_every_topic_and_every_kind_of_sender_is_there(demo):
    assert {topic for message in demo.messages for topic in message.topics} == set(Topic)
    assert {message.sender for message in demo.messages} == set(SenderKind)


def test_every_message_has_an_id_and_a_message_id_of_its_own(demo):
    assert len({message.id for message in demo.messages}) == len(demo.messages)
    assert len({message.message_id for message in demo.messages}) == len(demo.messages)


def test_every_message_is_in_the_inbox_before_the_service_looks(demo):
    looked = {act.id: act.now for act in demo.acts}
    assert all(message.received <= looked[message.act] for message in demo.messages)


def test_the_acts_go_forward_in_time(demo):
    assert [act.now for act in demo.acts] == sorted(act.now for act in demo.acts)


def test_one_message_alone_is_too_old_to_be_answered(demo):
    looked = {act.id: act.now for act in demo.acts}
    late = timedelta(minutes=60)
    assert [m.id for m in demo.messages if looked[m.act] - m.received > late] == ["absence-old"]


def test_all_addresses_are_invented(demo):
    for message in demo.messages:
        assert message.address.endswith(".example")
        assert not message.return_path or message.return_path.endswith(".example")


def test_every_hostile_maker_is_used(demo):
    assert {message.hostile for message in demo.messages if message.hostile} == set(hostile.MAKERS)


def test_writing_a_message_twice_gives_the_same_bytes(demo):
    for message in demo.messages:
        assert write(message, REPLIES) == write(message, REPLIES), message.id


def test_every_line_ends_with_carriage_return_and_line_feed(demo):
    for message in demo.messages:
        raw = on_arrival(message, message.mailboxes[0]) + write(message, REPLIES)
        assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r"), message.id


def test_every_envelope_reads_as_the_gateway_wrote_it(demo):
    for message in demo.messages:
        parsed = read(message)
        assert parsed.return_path == message.return_path, message.id
        assert parsed.dmarc == message.dmarc, message.id
        assert parsed.message_id == message.message_id, message.id
        assert parsed.sender.address == message.address, message.id


def test_every_ordinary_message_reads_as_its_author_wrote_it(demo):
    for message in demo.messages:
        if message.id in UNLIKE or not message.text:
            continue
        parsed = read(message)
        assert parsed.subject == message.subject, message.id
        assert words(parsed.text) == words(message.text), message.id


def test_ordinary_messages_have_no_defect(demo):
    broken = {message.id for message in demo.messages if read(message).defects}
    assert broken == {"unknown-charset", "broken-base64", "nested-parts"}


def test_an_answer_needs_the_reply_that_it_answers(demo):
    with pytest.raises(KeyError):
        write(find(demo, "siblings-answer"), {})


def test_an_answer_refers_to_the_reply_that_it_answers(demo):
    assert read(find(demo, "siblings-answer")).in_reply_to == ("<reply@oakfield.example>",)


def test_a_message_in_three_inboxes_has_one_content(demo):
    message = find(demo, "absence-to-three")
    body = write(message, {})
    hashes = {
        parse(on_arrival(message, mailbox) + body, message.received, GATEWAY).content_hash
        for mailbox in message.mailboxes
    }
    assert (len(message.mailboxes), len(hashes)) == (3, 1)


def test_html_alone_reads_as_words(demo):
    text = words(read(find(demo, "html-only")).text)
    assert text.startswith("Dear Ms Mensah, Kasper finds the work in set 3 too easy")
    assert "<" not in text


def test_a_message_with_both_reads_as_its_plain_text_and_keeps_how_it_is_laid_out(demo):
    parsed = read(find(demo, "bullying"))
    assert "<" not in parsed.text
    assert "<b>Ruby is being bullied</b>" in parsed.html


def test_quoted_messages_are_not_the_authors_own_words(demo):
    assert (
        words(read(find(demo, "quoted-chain")).own_text) == "Lovely, thank you, that all sounds fine. Yasmin"
    )


def test_hidden_line_breaks_make_no_header(demo):
    parsed = read(find(demo, "header-line-breaks"))
    assert parsed.bcc == ()
    assert parsed.header("auto-submitted") is None
    assert "\n" not in parsed.subject + parsed.sender.name


def test_broken_base64_keeps_the_words_that_are_whole(demo):
    assert "Kian has left his trumpet on the bus" in read(find(demo, "broken-base64")).text


@pytest.mark.parametrize("message_id", ["bounce", "read-receipt"])
def test_d1_d2_a_machines_report_comes_from_nobody_and_says_its_type(demo, message_id):
    parsed = read(find(demo, message_id))
    assert (parsed.return_path, parsed.content_type) == ("", "multipart/report")


def test_a_calendar_acceptance_carries_the_calendars_part(demo):
    types = [attachment.content_type for attachment in read(find(demo, "calendar-acceptance")).attachments]
    assert types == ["text/calendar"]


def test_the_huge_to_names_five_thousand_and_the_inbox(demo):
    message = find(demo, "huge-to")
    assert write(message, {}).count(b"@townfair.example>") >= hostile.ADDRESSES
    assert "office@oakfield.example" in read(message).recipients


def test_the_nested_message_is_three_thousand_deep(demo):
    assert write(find(demo, "nested-parts"), {}).count(b"multipart/mixed") == hostile.DEPTH + 1


def test_only_the_photographs_are_over_the_cap(demo):
    large = {message.id for message in demo.messages if len(write(message, REPLIES)) > CAP_BYTES}
    assert large == {"too-large"}


def test_t1_the_senders_own_claim_stands_below_the_gateways(demo):
    message = find(demo, "dmarc-fail")
    raw = on_arrival(message, message.mailboxes[0]) + write(message, {})
    assert raw.index(b"dmarc=fail") < raw.index(b"Received:") < raw.index(b"dmarc=pass")
    assert read(message).dmarc is Verdict.FAIL
