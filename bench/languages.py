"""How well the language of a message is told, and what that costs.

    python bench/languages.py CORPUS

CORPUS holds English messages: whatever is told of them as another language would be answered in the wrong
one. The short messages in other languages are those of tests/unit/message/languages.toml.
"""

import json
import resource
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from triage.message.language import language_of
from triage.message.own_text import own_text

OTHERS = Path(__file__).parents[1] / "tests/unit/message/languages.toml"


def main() -> None:
    """Print the figures."""
    messages = tomllib.loads(OTHERS.read_text(encoding="utf-8"))
    before = _megabytes()
    start = time.perf_counter()
    language_of(messages["own"]["pl"][0])
    print(f"loading the model: {time.perf_counter() - start:.1f} s, {_megabytes() - before:.0f} MB")
    print(f"{'English, the corpus':30} {_told(_own_texts(Path(sys.argv[1])), 'en')}")
    for name in ("own", "later"):
        for code, texts in messages[name].items():
            print(f"{f'{code}, {name}':30} {_told(texts, code)}")
    print(f"{'English with foreign words':30} {_told(messages['not']['en'], 'en')}")
    others = messages["not"]["other"]
    taken = sum(language_of(text).code in messages["own"] for text in others)
    print(f"{'languages without a pack':30} {len(others):6}: taken for one with a pack {taken}")


def _own_texts(corpus: Path) -> Iterator[str]:
    """Yield what people wrote in the corpus; one machine in it answers in Polish."""
    for file in sorted(corpus.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            message = json.loads(line)
            if message["sender"] != "automatic":
                yield own_text(message["text"] or "")


def _told(texts: Iterable[str], code: str) -> str:
    told = Counter(language_of(text).code for text in texts)
    wrong = told.total() - told[code] - told[None]
    return f"{told.total():6}: told {told[code]}, not sure {told[None]}, told as another language {wrong}"


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
