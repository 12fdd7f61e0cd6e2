"""What a person's letter says and no machine's does: a question, a child, the school day, a name.

The counterweight to ``machine_words``: a person can be on leave, thank for a message and name another.
"""

from triage.domain.machine_forms import Forms, forms

QUESTION = "?"
"""How a question stands in a line of ``machine_forms.words``."""

ASKED_BY_MACHINES: Forms = forms(
    """
    how did we do ?, have you seen our help articles ?, why ?, need help ?, need more help ?, questions ?
    any questions ?, have a question ?, have questions ?, not you ?, wasn't you ?, forgot your password ?
    can't see this email ?, trouble viewing this email ?, trouble reading this email ?, having trouble ?
    having trouble viewing this email ?, what happens next ?, what next ?, what now ?, why did i get this ?
    why am i receiving this ?, didn't request this ?, did you know ?, new here ?, changed your mind ?
    how would you rate, how was your, would you recommend, how satisfied, how likely are you, how did it go
    need space, can't make it ?, not interested ?, want to know more ?, ready to, looking for, did you enjoy
    need to cancel ?, need to make a change ?, need to change your booking ?, enjoying the app ?
    what do you need to do ?, what should i do ?, what can you do ?, got a minute ?, was this helpful ?
    """
)
"""Questions that machines put to everybody."""

ASKS: Forms = forms(
    """
    could you, can you, please can, please could, would you, will you, may i, can i, could i, shall i
    should i, do i need, do we need, i wanted to ask, wanted to ask, i was wondering, wondering if
    just wondering, let me know, i'd like to, i would like, we would like, would it be possible
    is it possible, any chance, yes please, what have you, have you put, do you know, are you able
    just to say, just to let you, just to confirm, sorry to bother, quick question
    """
)
"""Somebody wants something of the reader."""

CHILD: Forms = forms(
    """
    my son, my daughter, my child, my children, my boy, my girl, my lad, my lads, my eldest, my youngest
    my twins, our son, our daughter, my grandson, my granddaughter, his mum, her mum, his dad, her dad
    his teacher, her teacher, his homework, her homework, his tutor, her tutor, his lesson, her lesson
    his bag, her bag, nan here, mum here, dad here, gran here, grandad here, mum of, dad of, mother of
    father of, his form, her form, my husband, my wife, my partner, mon fils, ma fille, mein sohn
    meine tochter, mi hijo, mi hija, mój syn, moja córka, fiul meu, fiica mea
    """
)
"""A child of the writer's."""

SCHOOL_DAY: Forms = forms(
    """
    won't be in, wont be in, will not be in, not be in school, not in school, be in school, off school
    won't be at school, not coming in, isn't coming in, be late, is poorly, is unwell, not well, is ill
    is sick, been sick, a temperature, the dentist, doctor's, doctors appointment, homework, detention
    parents evening, p e kit, pe kit, blazer, form tutor, the bus home, at break, at lunch, after school
    before school, at the gate, aclass, year 0, yr 0, y 0, the trip, school trip, the lesson, lessons
    classroom, in class, in your class
    """
)
"""A pupil's day."""

FIRST_PERSON: Forms = forms(
    "i, i'm, im, i've, ive, i'd, i'll, my, me, we're, we'd, hi, hello, dear, hiya, hey, morning, ta, cheers"
)
"""Somebody speaks of himself, or greets; a machine that does neither leaves the text impersonal."""

WRITER: Forms = forms("i, i'm, im, i've, ive, i'd, my")
"""Somebody writes of himself, which out-of-office mail does too, but no system's notice."""

GREETING: Forms = forms(
    """
    dear mr, dear mrs, dear miss, dear ms, dear sir, dear head, dear school, dear teacher, hi mr, hi mrs
    hi miss, hi ms, hi sir, hello mr, hello mrs, hello miss, hello ms, hello sir, good morning mr
    good morning mrs, good morning miss, good morning ms, good afternoon mr, good afternoon mrs
    good afternoon miss, morning miss, morning sir, dear james, hi james, hi jon, hello james
    """
)
"""The reader by name."""

ABSENT_CHILD: Forms = forms(
    """
    is off, is off sick, is away, is on holiday, is on leave, is at home, is absent, are off, are away
    will be away, will be off, will be absent, will be back, will be on holiday, will be out, is out until
    is not able, isn't able, is unable, is at a, is having, are on holiday, hasn't been, has been off
    has been away
    """
)
"""Somebody else is not there: where it is not the sender's own name, it is a child's absence."""

BAIT: Forms = forms(
    """
    verify your password, confirm your password, verify your account, confirm your account
    verify your mailbox, verify your identity, validate your account, validate your mailbox
    your password with, email and password, account is suspended, account will be suspended, be suspended
    be deactivated, mailbox will be closed, avoid that, avoid suspension, avoid losing, keep your account
    keep your password, reactivate your, restore your account
    """
)
"""Words that fish for a password: a person must see them, whoever seems to have sent them."""

CONTACT_ME: Forms = forms(
    "contact me, ring me, call me, text me, email me, phone me, reach me, tell me, on my mobile, on my phone"
)
"""The writer is there to be asked."""

PRONOUN: Forms = forms("he, him, his, she, her")
"""Somebody else, as people speak of a child; machines speak so of their owners only."""
