import pytest
from mailparser_reply import EmailReplyParser

from triage.message.own_text import forwards, own_text

ATTRIBUTION = "On Mon, 5 Oct 2026 at 10:12, Mr Hale <hale@school.example> wrote:"
OTHERS = "Where is he?"
BLOCK = (
    f"From: Mr Hale <hale@school.example>\nSent: 05 October 2026 10:12\nTo: Anna\nSubject: Jake\n\n{OTHERS}"
)
FORWARDED = "---------- Forwarded message ---------\nFrom: Tom\nDate: Monday\nSubject: x\nTo: Anna\n\n"


def library(text: str) -> str:
    """What mail-parser-reply makes of a text: the comparison that the module's docstring speaks of."""
    return EmailReplyParser(languages=["en"]).read(text).replies[0].body


@pytest.mark.parametrize(
    "quotation",
    [
        f"{ATTRIBUTION}\n> {OTHERS}",
        f"{ATTRIBUTION}\n\n{OTHERS}",
        f"On Mon, 5 Oct 2026 at 10:12, Mr Hale\n<hale@school.example>\nwrote:\n\n> {OTHERS}",
        f"On 5 Oct 2026, at 10:12, Mr Hale <hale@school.example> wrote:\n\n{OTHERS}",
        f"Am 05.10.2026 um 10:12 schrieb Mr Hale:\n> {OTHERS}",
        f"Le lun. 5 oct. 2026 à 10:12, Mr Hale a écrit :\n> {OTHERS}",
        f"________________________________\n{BLOCK}",
        f"{BLOCK}",
        f"-----Original Message-----\n{BLOCK}",
        f"*From:* Mr Hale\n*Sent:* Monday\n*To:* Anna\n*Subject:* Jake\n\n{OTHERS}",
        f"Sent from my iPhone\n\n> On 5 Oct 2026, at 10:12, Mr Hale wrote:\n> \n> {OTHERS}",
        f"Get Outlook for Android\n\n________________________________\n{BLOCK}",
    ],
    ids=[
        "Gmail",
        "Gmail from HTML",
        "wrapped",
        "Apple from HTML",
        "German",
        "French",
        "Outlook",
        "Outlook without a rule",
        "old Outlook",
        "Outlook in bold",
        "iPhone",
        "Outlook on a telephone",
    ],
)
def test_the_quotation_of_each_client_is_left_out(quotation):
    assert own_text(f"He is ill.\n\n{quotation}") == "He is ill."


def test_answers_between_quoted_lines_are_all_kept():
    text = f"{ATTRIBUTION}\n> Is he ill?\nYes, a fever.\n> Back tomorrow?\nNo."
    assert own_text(text) == "Yes, a fever.\nNo."


def test_an_answer_below_the_quotation_is_kept():
    assert own_text(f"{ATTRIBUTION}\n> {OTHERS}\n\nAt home.") == "At home."


def test_a_signature_is_left_out():
    assert own_text("He is ill.\n-- \nAnna Reed (she/her)\nReed Roofing, 10% off") == "He is ill."


@pytest.mark.parametrize("above", ["--", "-- \nAnna Reed\n"], ids=["below a rule", "below a name"])
@pytest.mark.parametrize("plea", ["i want to die", "Also dad hits us"])
def test_a_plea_below_the_mark_of_a_signature_needs_no_full_stop(above, plea):
    assert own_text(f"He is ill.\n{above}\n{plea}").endswith(plea)


@pytest.mark.parametrize(
    "mark", ["Sent from my iPhone", "Sent from Outlook for Android", "Get Outlook for iOS<https://x.example>"]
)
def test_a_devices_mark_is_left_out(mark):
    assert own_text(f"He is ill.\n\n{mark}") == "He is ill."


def test_a_disclaimer_is_left_out():
    disclaimer = "This email and any files are confidential and intended solely\nfor the addressee."
    assert own_text(f"He is ill.\n\n{disclaimer}\n\nAnna") == "He is ill.\n\nAnna"


def test_a_parents_own_confidential_sentence_is_no_disclaimer():
    text = "This email is confidential: my son is being hurt."
    assert own_text(text) == text


@pytest.mark.parametrize(
    "text", ["On Monday 5 October he wrote this: see below", "From: here on he walks", "> ", ""]
)
def test_what_only_looks_like_a_quotation_does_not_lose_the_rest(text):
    assert "He is ill." in own_text(f"{text}\nHe is ill.")


@pytest.mark.parametrize(
    "text",
    [
        "The taxi on Friday:\nFrom: 12 High Street\nTo: school\nDate: 9 October, 8:15\nHe must not go alone.",
        "What he missed:\nDate: 5 October\nSubject: maths\nFrom: page 12\nTo: page 15\nHe cried over it.",
        "Please ring Anna <anna@parent.example> at 10:30 or write:\nhe is hurt.",
        "On 05/10/2026 at 10:12 Mr Hale wrote:\n'Kian is lazy.'\nI find this unacceptable.",
        "On 05/10/2026 at 10:12 I wrote to Anna <anna@parent.example>:\nhe is hurt.",
        "--- I never got the original message ---\nHe is hurt.",
        "Get him to look at his Outlook please",
        "The picture of the bruise:\nSent from his phone",
        "Sent via email on Friday",
        "Sent from my phone, Jake is hurt",
        "Gesendet von meinem Handy. Papa schlug Ella",
        "Enviado desde mi iPhone: Jake no va",
        "This message has been checked by my solicitor and dad must not come",
        "IMPORTANT: do not disclose our new address, it is confidential.",
        "This email is confidential. Please do not tell anyone that dad drinks, and delete it.",
        "This message was intended for the head, if you received this in error pass it on:\nhe hits the boy.",
        ">From now on he walks home alone.",
        "His week\n---- What happened ----\nMonday: 10:30, hit\nTuesday: hit\nFriday: knife\nHe is scared.",
        "This email is intended for the head only and confidential. An uncle hurts Ella.",
    ],
)
@pytest.mark.parametrize("forward", [None, False])
def test_a_persons_own_words_are_not_taken_for_a_programs(text, forward):
    assert own_text(f"Dear Mr Hale,\n\n{text}", forward=forward) == f"Dear Mr Hale,\n\n{text}"


@pytest.mark.parametrize(
    "words", ["This is what his coach wrote to me.", "He got this from a boy:", "Please see my answers."]
)
def test_a_message_that_is_copied_into_an_answer_is_kept_when_the_words_above_say_so(words):
    assert OTHERS in own_text(f"{words}\n\n{BLOCK}", forward=False)


@pytest.mark.parametrize(
    ("last", "quotation"),
    [
        ("On 04/10/2026 at 18:00 his dad hit him", f"{ATTRIBUTION}\n> {OTHERS}"),
        ("Am 04.10.2026 um 18:00 hat er ihn geschlagen", f"Am 05.10.2026 schrieb Mr Hale:\n> {OTHERS}"),
        ("On 4 October he hit me 3 times\nThen he wrote to me:", "> Sorry"),
    ],
)
def test_a_letters_last_line_is_not_taken_for_the_beginning_of_the_line_above_a_quotation(last, quotation):
    assert own_text(f"Hello\n{last}\n{quotation}", forward=False) == f"Hello\n{last}"


@pytest.mark.parametrize("forward", [None, False, True], ids=["nothing known", "an answer", "a new message"])
def test_a_letter_that_stands_where_a_signature_does_is_kept_where_there_is_no_other(forward):
    assert own_text("--\nElla hurt at home\nAnna", forward=forward) == "Ella hurt at home\nAnna"


def test_a_marked_forward_is_kept_below_the_own_words():
    forward = f"---------- Forwarded message ---------\n{BLOCK.replace('Sent', 'Date')}"
    kept = own_text(f"Have you seen this?\n-- \nAnna\n{forward}")
    assert kept.startswith("Have you seen this?\n\nFrom: Mr Hale")
    assert kept.endswith(OTHERS)


def test_apples_forward_is_kept_without_its_marks():
    assert own_text("Begin forwarded message:\n\n> From: Tom\n> \n> A joke").endswith("From: Tom\n\nA joke")


def test_a_forwards_own_signature_is_left_out():
    assert own_text("Begin forwarded message:\n\n> A joke\n> -- \n> Tom Ltd") == "A joke"


def test_a_forward_that_is_quoted_in_an_answer_is_not_kept():
    assert own_text("Thank you.\n\n> Begin forwarded message:\n>\n> A joke") == "Thank you."


def test_a_block_is_kept_when_the_subject_says_that_it_is_forwarded():
    assert OTHERS in own_text(f"See below.\n\n{BLOCK}", forward=True)


@pytest.mark.parametrize("forward", [None, False], ids=["nothing known", "an answer"])
def test_a_block_with_nothing_above_it_is_kept_for_an_answer_may_stand_in_it(forward):
    assert own_text(f"{BLOCK}\nAt home, with a fever.", forward=forward).endswith("At home, with a fever.")


def test_a_quotation_alone_is_the_point_unless_the_message_is_an_answer():
    assert own_text(f"> {OTHERS}") == OTHERS
    assert own_text(f"> {OTHERS}", forward=False) == ""


@pytest.mark.parametrize(
    ("subject", "expected"), [("Fwd: x", True), ("FW: x", True), ("Re: x", False), ("Forward", False)]
)
def test_a_subject_says_whether_the_message_forwards(subject, expected):
    assert forwards(subject) is expected


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("Dear Mr Hale,\nTwo things:\n- Jake has a cough\n- he needs his inhaler", "inhaler"),
        ("Hello\nThanks, that is kind.\nBut he is being hurt.", "hurt"),
        (f"FYI\n\n{FORWARDED}A joke", "A joke"),
    ],
    ids=["list", "thanks", "forward"],
)
def test_what_mail_parser_reply_loses_is_kept_here(text, lost):
    assert lost not in library(text)
    assert lost in own_text(text)


def test_what_mail_parser_reply_keeps_of_a_quotation_is_left_out_here():
    text = f"{ATTRIBUTION}\n> Is he ill?\nYes.\n> Back tomorrow?\nNo."
    assert "Back tomorrow?" in library(text)
    assert own_text(text) == "Yes.\nNo."


@pytest.mark.parametrize(
    "quotation",
    [
        f"Ar Llun, 5 Hyd 2026 am 10:12, Mr Hale <hale@school.example> ysgrifennodd:\n\n{OTHERS}",
        f"Ar ddydd Llun, 5 Hydref 2026, 10:12 ysgrifennodd Mr Hale <hale@school.example>:\n\n> {OTHERS}",
        f"Oddi wrth: Mr Hale\nAnfonwyd: 05 Hydref 2026 10:12\nAt: Anna\nPwnc: Jake\n\n{OTHERS}",
        f"Von: Mr Hale\nGesendet: Montag, 5. Oktober 2026 10:12\nAn: Anna\nBetreff: Jake\n\n{OTHERS}",
        f"De : Mr Hale\nEnvoyé : lundi 5 octobre 2026 10:12\nÀ : Anna\nObjet : Jake\n\n{OTHERS}",
        f"Od: Mr Hale\nWysłano: poniedziałek, 5 października 2026 10:12\nDo: Anna\nTemat: Jake\n\n{OTHERS}",
    ],
    ids=["Gmail in Welsh", "Apple in Welsh", "Outlook in Welsh", "in German", "in French", "in Polish"],
)
def test_a_quotation_is_left_out_in_the_languages_of_parents(quotation):
    assert own_text(f"He is ill.\n\n{quotation}") == "He is ill."


def test_an_address_in_a_forwarded_line_keeps_its_angle_bracket():
    forwarded = "From: Tom Early <tom@early.example> to all"
    assert own_text(f"{FORWARDED}{forwarded}").endswith(forwarded)
