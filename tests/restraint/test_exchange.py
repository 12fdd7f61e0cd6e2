"""M1: X-Auto-Response-Suppress, by which Exchange asks for silence (MS-OXCMAIL 2.1.3.2.20)."""

from tests.restraint.running import answered, write

SILENT = ("OOF", "DR, OOF,\tRN", "AutoReply", "All", "all", "DR, RN, NRN, OOF, AutoReply", "OOF,AutoReply")
ANSWERED = ("None", "DR, RN, NRN", "NDR", "RN")


def test_m1_whoever_asks_for_no_automatic_answer_gets_none(worded):
    for number, value in enumerate(SILENT):
        write(worded, number, X_Auto_Response_Suppress=value)
    worded.poll()
    assert (worded.withheld(), worded.replies) == (["response-suppressed"] * len(SILENT), [])


def test_m1_none_and_what_is_about_receipts_alone_silence_nobody(worded):
    people = [write(worded, n, X_Auto_Response_Suppress=value) for n, value in enumerate(ANSWERED)]
    worded.poll()
    assert answered(worded) == people


def test_m1_a_person_who_asks_for_silence_is_still_queued_for_people(worded):
    write(worded, 1, X_Auto_Response_Suppress="All")
    worded.poll()
    assert worded.flags() == [("absence", "office", None)]


def test_m1_our_own_mail_asks_exchange_for_silence(worded):
    write(worded, 1)
    worded.poll()
    assert [reply.message["X-Auto-Response-Suppress"] for reply in worded.replies] == ["All"]
