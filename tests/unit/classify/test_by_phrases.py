import pytest

from tests.factories import a_message
from tests.unit.classify.given import PARENT, classified
from triage.classify.by_phrases import SUBSTANCE, ByPhrases
from triage.classify.phrases import PhraseError
from triage.domain.model import Attachment, SenderKind, Topic

NOT_ENGLISH = {
    "Polish": "Dzień dobry, mój syn nie przyjdzie jutro do szkoły, ponieważ ma gorączkę i kaszel.",
    "French": "Bonjour, ma fille ne viendra pas demain parce que nous partons chez ses grands-parents.",
    "Romanian": "Buna ziua, fiul meu nu poate veni maine la scoala pentru ca este racit si are febra.",
    "Spanish": "Buenos dias, mi hijo no puede ir a la escuela porque esta enfermo desde ayer.",
    "Urdu in Latin letters": "Mera beta aaj school nahi aayega kyunki usko bukhar hai aur doctor ke paas.",
    "Ukrainian": "Добрий день, дякую",
    "Chinese": "老师您好孩子今天请假",
}


def attached(filename, content_type="application/octet-stream"):
    return (Attachment(filename, content_type, 1_000),)


def test_the_text_is_the_subject_a_line_break_and_the_own_text():
    assert classified("Hello there.", subject="Trip").text == "Trip\nHello there."


def test_the_subject_is_classified_too():
    assert Topic.ABSENCE in classified("Thanks, Sara", subject="Jake won't be in today").scores


def test_a_phrase_may_run_over_a_line_break():
    assert Topic.ABSENCE in classified("Sorry but Jake will not be\nin today.").scores


def test_the_schools_own_phrases_count_as_strong():
    classify = ByPhrases({Topic.URGENT: ["code magenta"]})
    result = classify(a_message(text="It's CODE\nmagenta here", subject=""), PARENT)
    assert result.scores[Topic.URGENT] == 0.9


def test_an_extra_phrase_without_a_word_is_refused():
    with pytest.raises(PhraseError, match="urgent"):
        ByPhrases({Topic.URGENT: ["?"]})


@pytest.mark.parametrize(
    "filename",
    [
        "invoice.exe",
        "photo.jpg.scr",
        "a.JS",
        "disk.iso",
        "form.docm",
        "x.vbs",
        "b.lnk",
        "login.html",
        "Secure-Doc.htm",
    ],
)
def test_a_dangerous_attachment_is_disruption(filename):
    assert (
        classified("Please see the form attached.", attachments=attached(filename)).scores[Topic.DISRUPTION]
        == 0.9
    )


@pytest.mark.parametrize(
    "filename", ["form.pdf", "photo.jpg", "letter.docx", "newsletter.html", "", "exe", "js.txt"]
)
def test_an_ordinary_attachment_is_not_disruption(filename):
    result = classified("Please see the form attached.", attachments=attached(filename))
    assert Topic.DISRUPTION not in result.scores


def test_a_program_is_known_by_its_type_as_well():
    result = classified("See this please.", attachments=attached("photo", "application/x-msdownload"))
    assert Topic.DISRUPTION in result.scores


def test_the_name_of_a_dangerous_attachment_is_the_evidence():
    result = classified("Please see the form attached.", attachments=attached("invoice.exe"))
    shown = next(each for each in result.evidence if each.topic is Topic.DISRUPTION)
    assert (shown.text, result.text[shown.start : shown.end]) == ("invoice.exe", "invoice.exe")


PHISHING = "Your mailbox is full.\nKeep it: https://mail.example/login now."


def test_a_page_that_asks_for_a_password_is_disruption_and_account_access():
    assert {Topic.DISRUPTION, Topic.ACCOUNT_ACCESS} <= classified(PHISHING).scores.keys()


def test_the_link_of_a_phishing_message_is_evidence():
    assert "https://mail.example/login" in [each.text for each in classified(PHISHING).evidence]


def test_asking_without_a_link_is_not_disruption():
    assert Topic.DISRUPTION not in classified("Please sign in to view the report at the office.").scores


def test_a_link_without_asking_is_not_disruption():
    assert Topic.DISRUPTION not in classified("The form is at https://forms.example/trip").scores


@pytest.mark.parametrize("text", NOT_ENGLISH.values(), ids=NOT_ENGLISH.keys())
def test_a_text_that_is_not_english_enough_is_uncertain(text):
    assert "English" in (classified(text).uncertain or "")


@pytest.mark.parametrize(
    "text",
    [
        "Jake Pole 8B dentist 2pm Thursday",
        "Thanks!",
        "",
        "pls can u tell me wot time the bus goes from skool thx",
    ],
)
def test_a_short_or_careless_text_is_not_uncertain(text):
    assert classified(text).uncertain is None


@pytest.mark.parametrize("text", ["", "See attached", "\n\n"])
def test_an_empty_message_with_an_attachment_is_uncertain(text):
    assert classified(text, attachments=attached("scan.pdf")).uncertain == SUBSTANCE


POINTING = [
    "Please see attached.",
    "Please see the attached letter.",
    "pls see attached, thx",
    "PFA",
    "Hi, please find attached. Kind regards, Anna",
    "Please find attached the letter we spoke about.",
    "Dear Mr Hale, please find the attached document for your attention. Many thanks, Anna Reed",
    "As discussed, I've attached a copy of the letter from his doctor.",
    "I am attaching Jake's letter.",
    "Letter attached for Jake Pole 8B. Thanks",
    "Attached as requested.",
    "Form filled in and attached",
    "Screenshots attached. Please read them.",
    "Photo enclosed",
    "The details are in the attachment.",
    "Good morning, can you please open the attachment and let me know? Thank you",
    "Sorry, forgot the attachment! Here it is.",
    "Dear Sir or Madam,\n\nPlease find attached.\n\nYours faithfully,\nA. Reed",
]


@pytest.mark.parametrize("text", POINTING)
def test_a_letter_that_only_points_at_its_attachment_is_uncertain(text):
    assert classified(text, attachments=attached("scan.pdf")).uncertain == SUBSTANCE


def test_a_letter_that_points_at_an_attachment_that_is_not_there_is_uncertain():
    assert classified("Please find attached the letter.").uncertain == SUBSTANCE


@pytest.mark.parametrize(
    "text",
    [
        "Jake won't be in today, he has a cold. Note attached.",
        "She was quite attached to her old form tutor and misses her a lot now.",
        "I attach our signed form. Could somebody tell me what time the coach leaves on Friday morning?",
        "The photo of the team is lovely, thank you for sending it to all the parents in the year.",
    ],
)
def test_a_letter_that_says_what_it_is_about_is_certain_beside_an_attachment(text):
    assert classified(text, attachments=attached("scan.pdf")).uncertain is None


def test_a_topic_in_the_grey_band_is_uncertain_and_named():
    assert classified("We wondered about the attendance thing.").uncertain == "close to the line: absence"


def test_a_clear_topic_is_not_uncertain():
    assert classified("Jake won't be in today.").uncertain is None


@pytest.mark.parametrize("sender", [SenderKind.AUTOMATIC, SenderKind.BULK])
def test_a_machines_message_is_never_uncertain(sender):
    assert classified(NOT_ENGLISH["French"], sender=sender).uncertain is None


def test_evidence_is_never_said_twice():
    shown = classified("Another girl in his class has ADHD. She wants to die.").evidence
    assert len(shown) == len(set(shown))


def test_a_matter_already_under_discussion_is_not_opened_by_the_message():
    assert Topic.SENSITIVE_ISSUE not in classified("As we discussed on Monday, she is being bullied.").scores
