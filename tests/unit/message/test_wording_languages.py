"""Replies in other languages: what a pack says itself, and the English below it."""

import shutil
from pathlib import Path

import pytest

from tests.wording_samples import CLOSED, HALF_TERM, HELP_LINES, OPEN, reply_facts_of
from triage.domain.replies import PACK
from triage.message.compose import flowed
from triage.message.flowed import unflowed
from triage.message.wording import SEPARATOR, Wording, WordingError
from triage.message.wording_marks import LRI, PDI, RLM

TEMPLATES = Path(__file__).parents[3] / "templates"
A_PACK = {
    "greeting": "Dotarlo: {{ school }}.",
    "please-phone": "Zadzwonic: {{ office }}, {{ office_hours or '-' }}.",
    "ring-now": "Teraz: {{ office }}.",
    "out-of-hours": "Zamkniete{% if opening %} do {{ opening }}{% endif %}.",
    "missing-child-name": "Jakie dziecko?",
    "private-account": "Adres szkoly.",
    "help": "Pomoc:\n{% for number in help_lines.values() %}\n- {{ number }}\n{% endfor %}",
}


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    return tmp_path / "templates"


def with_pack(folder, language="pl", **changed):
    (folder / "replies" / language).mkdir(exist_ok=True)
    for name, text in (A_PACK | changed).items():
        (folder / "replies" / language / f"{name}.txt").write_text(text, encoding="utf-8")
    return Wording(folder)


def said(wording, *parts, language="pl", opening=OPEN, **given):
    return wording.reply(("greeting", *parts, "help"), reply_facts_of(opening, **given), language=language)


def own_and_english(text):
    own, _, english = text.partition(f"\n\n{SEPARATOR}\n\n")
    return own, english


def test_a_language_with_the_general_parts_alone_is_a_pack(folder):
    wording = with_pack(folder)
    assert "pl" in wording.packs
    assert "pl" not in wording.languages


def test_english_stands_first_among_the_whole_languages(folder):
    assert Wording(folder).languages[0] == "en"


def test_the_parts_that_a_policy_may_ask_for_are_those_of_english(folder):
    assert with_pack(folder).parts == Wording(TEMPLATES).parts


@pytest.mark.parametrize("part", sorted(PACK))
def test_a_pack_without_one_of_its_parts_is_refused(folder, part):
    with_pack(folder)
    (folder / "replies" / "pl" / f"{part}.txt").unlink()
    with pytest.raises(WordingError, match=rf"replies/pl/{part}\.txt is missing"):
        Wording(folder)


def test_a_packs_help_part_must_show_every_number(folder):
    with pytest.raises(WordingError, match=r"replies/pl/help\.txt must show every number"):
        with_pack(folder, help="Pomoc.")


def test_a_folder_that_is_not_called_by_a_languages_code_is_refused(folder):
    with pytest.raises(WordingError, match="replies/Polish"):
        with_pack(folder, "Polish")


def test_a_reply_in_a_language_that_there_is_not_is_refused(folder):
    with pytest.raises(WordingError, match="language 'xx'"):
        said(Wording(folder), "absence", language="xx")


def test_the_own_language_stands_above_and_the_whole_english_reply_below(folder):
    wording = with_pack(folder)
    own, english = own_and_english(said(wording, "absence", "out-of-hours", opening=CLOSED))
    assert own.startswith("Dotarlo: Oakfield School.")
    assert english == said(wording, "absence", "out-of-hours", language="en", opening=CLOSED)


def test_a_part_that_the_pack_lacks_is_said_by_please_ring_once(folder):
    own, _ = own_and_english(said(with_pack(folder), "absence", "private"))
    assert own.count("Zadzwonic") == 1


@pytest.mark.parametrize("part", ["collection", "urgent"])
def test_what_an_email_does_not_settle_is_said_by_ring_now(folder, part):
    own, _ = own_and_english(said(with_pack(folder), part, "private"))
    assert "Teraz: 01632 960100." in own
    assert "Zadzwonic" not in own


def test_a_part_that_the_pack_has_is_said_by_itself(folder):
    own, _ = own_and_english(said(with_pack(folder), "missing-child-name"))
    assert "Jakie dziecko?" in own
    assert "Zadzwonic" not in own


def test_the_english_words_of_the_settings_are_not_said_in_another_language(folder):
    own, english = own_and_english(said(with_pack(folder), "private"))
    assert "01632 960100, -." in own
    assert "8:00 to 17:00" in english


def test_the_opening_is_said_without_words(folder):
    own, english = own_and_english(said(with_pack(folder), "out-of-hours", opening=HALF_TERM))
    assert "Zamkniete do 02.11.2026 08:00." in own
    assert "8:00 on Monday 2 November, after half-term" in english


class TestRightToLeft:
    """Unicode Standard Annex #9, rules P2, P3 and X5b."""

    @pytest.fixture
    def own(self, folder):
        own, _ = own_and_english(said(with_pack(folder, "ur"), "private", language="ur"))
        return own

    def test_every_paragraph_begins_with_the_mark(self, own):
        assert all(line.startswith(RLM) for line in own.split("\n") if line)

    @pytest.mark.parametrize("number", ["01632 960100", *HELP_LINES.values()])
    def test_a_number_stands_by_itself(self, own, number):
        assert f"{LRI}{number}{PDI}" in own

    def test_the_marks_are_paired(self, own):
        assert own.count(LRI) == own.count(PDI) > 0

    def test_the_english_below_has_no_marks(self, folder):
        _, english = own_and_english(said(with_pack(folder, "ar"), "private", language="ar"))
        assert english.isascii()

    def test_a_language_from_left_to_right_has_no_marks(self, folder):
        assert said(with_pack(folder), "private").isascii()


class TestWelsh:
    """Welsh is whole: no English stands below it."""

    @staticmethod
    def said(*parts, opening=OPEN, **given):
        return said(Wording(TEMPLATES), *parts, language="cy", opening=opening, **given)

    def test_welsh_has_every_part_that_english_has(self):
        assert Wording(TEMPLATES).languages == ("en", "cy")

    def test_nothing_of_it_is_in_english(self):
        text = self.said(*sorted(Wording(TEMPLATES).parts - {"greeting", "help"}), opening=HALF_TERM)
        words = {word.strip(".,:;") for word in text.lower().split()}
        assert not words & {"the", "your", "please", "school's", "and", "child", "monday", "november"}

    def test_the_opening_is_in_welsh(self):
        text = self.said("out-of-hours", opening=HALF_TERM)
        assert "bydd yn agor eto am 8:00 ddydd Llun 2 Tachwedd, ar ôl hanner tymor." in text

    def test_the_school_has_its_welsh_name_and_hours_where_they_are_set(self):
        text = self.said("private", welsh={"school": "Ysgol Maes Derw", "office_hours": "8:00 tan 17:00"})
        assert "Ateb awtomatig yw hwn gan Ysgol Maes Derw ar ran Mr R. Hale." in text
        assert "\n- 01632 960100: swyddfa'r ysgol, 8:00 tan 17:00\n" in text

    def test_hours_in_english_words_are_left_out(self):
        assert "\n- 01632 960100: swyddfa'r ysgol\n" in self.said("private")

    def test_a_promise_in_english_words_is_no_promise_in_welsh(self):
        assert "two days" not in self.said("absence", answer_within="two days")

    def test_a_welsh_that_lacks_a_part_of_the_schools_own_is_a_pack(self, folder):
        (folder / "replies" / "en" / "breakfast-club.txt").write_text("Ring {{ office }}.", "utf-8")
        wording = Wording(folder)
        assert "cy" in wording.packs
        assert "Your message has arrived." in said(wording, "breakfast-club", language="cy")


class TestFingerprint:
    """What was approved are these words and no others."""

    def test_it_stays_while_the_words_stay(self, folder):
        assert with_pack(folder).fingerprint("pl") == Wording(folder).fingerprint("pl")

    @pytest.mark.parametrize("part", sorted(PACK))
    def test_it_changes_with_any_part(self, folder, part):
        before = with_pack(folder).fingerprint("pl")
        file = folder / "replies" / "pl" / f"{part}.txt"
        file.write_text(file.read_text("utf-8") + "Czesc.\n", "utf-8")
        assert Wording(folder).fingerprint("pl") != before

    def test_it_changes_with_a_part_that_is_added(self, folder):
        before = with_pack(folder).fingerprint("pl")
        (folder / "replies" / "pl" / "absence.txt").write_text("Nieobecnosc.", "utf-8")
        assert Wording(folder).fingerprint("pl") != before


class TestOnTheWire:
    """What a mail program gets of the shipped packs."""

    PARTS = ("greeting", "urgent", "out-of-hours", "private", "missing-child-name", "private-account", "help")

    @pytest.fixture(params=Wording(TEMPLATES).packs)
    def text(self, request):
        return Wording(TEMPLATES).reply(self.PARTS, reply_facts_of(HALF_TERM), language=request.param)

    def test_no_line_is_over_78_characters(self, text):
        assert max(len(line) for line in flowed(text).split("\n")) <= 78

    def test_no_number_is_broken(self, text):
        numbers = ("01632 960100", "01632 960102", "02.11.2026 08:00", *HELP_LINES.values())
        assert [flowed(text).count(each) for each in numbers] == [text.count(each) for each in numbers]

    def test_the_text_comes_back_whole(self, text):
        assert unflowed(flowed(text)).rstrip("\n") == text
