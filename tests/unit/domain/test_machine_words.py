"""The words of machines: found in any script, weighed against a person's voice, in linear time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.machine_forms import Tables, forms, words
from triage.domain.machine_score import SORTS, person_points, score

NOTICES = {
    "English": "I am on annual leave until Monday. For urgent matters please contact the office.",
    "Welsh": "Diolch am eich neges. Rydw i ar wyliau tan ddydd Llun. Mewn argyfwng ffoniwch y swyddfa.",
    "Irish": "Táim as láthair go dtí Dé Luain. Freagróidh mé do ríomhphost.",
    "French": "Je suis en congé jusqu'au 3 mai. En cas d'urgence, contactez le standard.",
    "German": "Vielen Dank für Ihre Nachricht. Ich bin im Urlaub und ab dem 3. Mai wieder erreichbar.",
    "Dutch": "Ik ben met vakantie tot 3 mei. Bij dringende vragen belt u het secretariaat.",
    "Spanish": "Estoy de vacaciones hasta el lunes. En caso de urgencia, llame a la oficina.",
    "Portuguese": "Estou de férias até segunda. Responderei quando voltar. Obrigada pela sua mensagem.",
    "Italian": "Sono in ferie fino al 3 maggio. Risponderò al mio rientro.",
    "Polish": "Jestem na urlopie do 3 maja. W pilnych sprawach proszę dzwonić do biura.",
    "Romanian": "Sunt în concediu până luni. Voi răspunde la întoarcere.",
    "Swedish": "Jag är på semester till och med fredag. Jag svarar när jag är tillbaka. Tack för ditt mejl.",
    "Turkish": "Pazartesi tarihine kadar yıllık izindeyim. Acil durumlarda santrali arayınız.",
    "Russian": "Я в отпуске до понедельника. Отвечу после возвращения. Срочные вопросы: звоните в офис.",
    "Ukrainian": "Я у відпустці до понеділка. Відповім, щойно повернуся.",
    "Chinese": "我正在休假，直到周一。如有急事请联系同事。",
    "Japanese": "月曜日まで休暇をいただいております。お急ぎの方は事務所へご連絡ください。",
    "Korean": "월요일까지 휴가입니다. 복귀 후 답변 드리겠습니다. 긴급한 일은 사무실로.",
    "Arabic": "أنا في إجازة حتى يوم الأحد. سأرد عند عودتي.",
    "Urdu": "میں چھٹی پر ہوں۔ واپسی پر جواب دوں گی۔ شکریہ",
}


@pytest.mark.parametrize("language", NOTICES)
def test_7_a_notice_of_absence_without_a_marker_is_known_in_its_language(language):
    assert score("", NOTICES[language]).is_machine


@pytest.mark.parametrize(
    "text",
    [
        "I'm on annual leave until Monday, could his dad collect him instead? Ring me if it's urgent.",
        "We are away until Tuesday, so Skye won't be in on Friday. Back Tuesday.",
        "Je suis en congé jusqu'à lundi, ma fille peut rester à la maison ?",
        "He is off sick until Monday. Please contact me if you need anything.",
        "Skye is away until Tuesday. She will be back on Wednesday.",
        "Jake is off until Thursday, doctor's orders. Back Friday.",
        "Amira is on holiday until 3 May. Please contact me if needed.",
        "Tom and Ella will be away from 3 to 7 May and back on the 8th.",
        "Josh is at a training course until Friday, returning Monday.",
        "Thank you for your email. Ben will be back on Monday.",
        "Thanks for your message. Will reply tonight, I am at work until six.",
        "Our son is unwell and will not return until Monday.",
        "I no longer work at the shop, so please take that number off her file.",
    ],
)
def test_6_a_person_who_is_away_is_no_machine(text):
    assert not score("", text).is_machine


def test_what_a_person_quotes_does_not_count():
    assert not score("", 'I got "this is an automatic reply, I am on leave until May" from him.').is_machine


def test_a_long_letter_is_a_persons_unless_it_says_what_it_is():
    letter = f"{NOTICES['English']} {'It was a long summer. ' * 100}"
    assert not score("", letter).is_machine


def test_a_text_that_speaks_of_its_own_sender_counts_for_a_machine():
    text = "Lorraine's on her hols til the 8th."
    assert score("", text, "Lorraine Maddox").machine > score("", text, "Bev Maddox").machine


def test_a_system_notice_from_a_persons_own_address_is_no_machine():
    assert not score(
        "", "Your account has a document waiting. Sign in to view. It expires in 24 hours."
    ).is_machine


def stand(form, text):
    tables = Tables({"one": forms(form), "other": forms(f"{form}, of another table")})
    return tables.count(tables.found(words(text))) == {"one": 1, "other": 1}


def test_a_form_is_whole_words_in_their_order():
    assert stand("annual leave", "Annual leave!")
    assert not stand("annual leave", "Semiannual leave")
    assert not stand("annual leave", "Leave annual")


@pytest.mark.parametrize("form", ["nieobecn*", "n*", "*becnosc", "*obec*", "*becnosc w*"])
def test_a_star_stands_for_any_beginning_or_end_of_a_word(form):
    assert stand(form, "Nieobecność w pracy")
    assert not stand(form, "Urlop")


def test_a_form_is_found_wherever_it_stands_among_thousands():
    tables = Tables({sort.says: sort.forms for sort in SORTS})
    every = {form for sort in SORTS for form in sort.forms}
    assert {form for form in every if form not in tables.found(f" x{form}x ")} == set()
    assert tables.found(words("The quick brown fox")) == frozenset()


def test_accents_numbers_and_links_do_not_hide_a_form():
    assert words("Até 3.4. https://x.example/reply a@b.example") == " ate 0 "


def test_no_form_is_empty_or_only_a_number():
    short = {form for sort in SORTS for form in sort.forms if form.strip(" 0") == ""}
    assert short == set()


@pytest.mark.parametrize("unit", ["a@", '"', "0 ", "? ", "http://", "i am ", "8a", "\u00ab", "'a"])
def test_a_hostile_text_is_weighed_in_one_pass(unit):
    assert person_points(words(unit * 100_000)) >= 0


@given(st.text(), st.text(), st.text(max_size=20))
def test_any_words_are_weighed_without_an_error(subject, text, name):
    assert score(subject, text, name).machine >= 0


@given(st.sampled_from(sorted(NOTICES)))
def test_upper_case_hides_nothing(language):
    assert score("", NOTICES[language].upper()).machine >= score("", NOTICES[language]).machine - 1
