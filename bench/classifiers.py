"""The classifier beside simpler ones on the same messages, and what each of its parts adds.

    python bench/classifiers.py CORPUS FOLDER

Every figure is of hands left out, with thresholds fitted on the other groups: macro-F1 over the 22 topics.
Reads FOLDER/left_out.npz.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "training"))

from base import base  # noqa: E402
from learn import fresh  # noqa: E402
from left_out import LeftOut, left_out  # noqa: E402
from linear import fit, text_of  # noqa: E402
from prepare import Prepared, prepared  # noqa: E402
from weigh import Seen, weigh  # noqa: E402

from triage.classify.features import FEATURES, OUTPUTS  # noqa: E402
from triage.classify.linear import logits  # noqa: E402
from triage.domain.model import Topic  # noqa: E402

ALL = tuple(range(len(FEATURES)))
SHARES = (0.125, 0.25, 0.5, 1.0)


def macro(features: np.ndarray, labels: np.ndarray, groups: np.ndarray, columns: Sequence[int]) -> np.ndarray:
    """Return the F1 of each topic, weights and thresholds fitted without the group that they judge."""
    found = np.zeros(labels.shape, bool)
    for group in sorted(set(groups)):
        out = groups == group
        fitted = weigh(Seen(features[~out], labels[~out], groups[~out]), columns)
        found[out] = [fitted.scores(one) >= fitted.thresholds for one in features[out]]
    topics = slice(0, len(Topic))
    both = (found & (labels == 1)).sum(0)[topics]
    return 2 * both / np.maximum(1, (found.sum(0) + labels.sum(0))[topics])


def frozen(messages: Sequence[Prepared], groups: np.ndarray, folder: Path) -> np.ndarray:
    """Return logits of a logistic regression over the base's own mean vectors, its weights never taught."""
    import torch  # noqa: PLC0415

    network = fresh(base(folder / "base")[0]).eval()
    vectors = np.zeros((len(messages), 384), np.float32)
    with torch.no_grad():
        for number, one in enumerate(messages):
            tokens = torch.tensor([one.tokens])
            states = network.e(tokens, torch.ones_like(tokens, dtype=torch.bool))
            vectors[number] = states[0].mean(0).numpy()
    labels = np.array([one.labels for one in messages])
    found = np.zeros(labels.shape, np.float32)
    for group in sorted(set(groups)):
        out = groups == group
        middle, size = vectors[~out].mean(0), vectors[~out].std(0) + 1e-6
        for column in range(len(OUTPUTS)):
            model = LogisticRegression(C=0.01, max_iter=300)
            model.fit((vectors[~out] - middle) / size, labels[~out, column])
            found[out, column] = model.decision_function((vectors[out] - middle) / size)
    return found


def profanity(messages: Sequence[Prepared], labels: np.ndarray) -> float:
    """Return the F1 of alt-profanity-check for offensive, at its best threshold on these very messages."""
    from profanity_check import predict_prob  # noqa: PLC0415

    scores = predict_prob([one.view.text for one in messages])
    own = labels[:, list(OUTPUTS).index(Topic.OFFENSIVE)]
    return max(
        2 * ((scores >= step) & (own == 1)).sum() / max(1, (scores >= step).sum() + own.sum())
        for step in np.linspace(0.02, 0.98, 97)
    )


def curve(held: LeftOut) -> None:
    """Print what the linear model reaches with a part of the text: how much more text would give."""
    messages, labels, groups = held.messages, held.labels, held.groups
    chance = np.random.default_rng(3)
    for share in SHARES:
        features = np.zeros_like(held.features)
        features[:, :, 0] = 1
        for group in sorted(set(groups)):
            taught = np.flatnonzero(groups != group)
            taught = chance.permutation(taught)[: int(share * len(taught))]
            table = fit([messages[number] for number in taught], pieces=True)
            for number in np.flatnonzero(groups == group):
                features[number, :, 4] = logits(
                    table.weights, table.constants, text_of(messages[number], pieces=True), pieces=True
                )
        f1 = macro(features, labels, groups, (0, 4)).mean()
        print(f"  words alone, {share:6.1%} of the text: {f1:.3f}", flush=True)


def main() -> None:
    """Print the comparison."""
    corpus, folder = Path(sys.argv[1]), Path(sys.argv[2])
    held = left_out(folder, prepared(corpus, base(folder / "base")[1]))
    messages, features, labels, groups = held.messages, held.features, held.labels, held.groups
    whole = macro(features, labels, groups, ALL)
    print(f"the classifier                       {whole.mean():.3f}")
    for name in FEATURES[1:]:
        left = [number for number in ALL if FEATURES[number] != name]
        print(f"  without {name:28} {macro(features, labels, groups, left).mean():.3f}")
    network = [number for number in ALL if FEATURES[number] not in {"message", "sentence", "second"}]
    print(f"  without the network                {macro(features, labels, groups, network).mean():.3f}")
    print(f"phrases alone                        {macro(features, labels, groups, (0, 5)).mean():.3f}")
    print(f"words alone (TF-IDF, regression)     {macro(features, labels, groups, (0, 4)).mean():.3f}")
    other = np.zeros_like(features)
    other[:, :, 0], other[:, :, 1] = 1, frozen(messages, groups, folder)
    print(f"MiniLM as it comes, with regression  {macro(other, labels, groups, (0, 1)).mean():.3f}")
    offensive = list(Topic).index(Topic.OFFENSIVE)
    others = profanity(messages, labels)
    print(f"offensive: the classifier {whole[offensive]:.3f}, alt-profanity-check {others:.3f}")
    curve(held)


if __name__ == "__main__":
    main()
