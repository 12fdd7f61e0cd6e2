"""Teaches the network: all layers and the heads, which start as a regression over the base's states.

The start matters more than anything else here. From heads drawn by chance the first steps tear down what
the base knows before the heads can use it: after four passes such a network read worse than words alone.
"""

import math
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from lessons import Lesson, Shares, lessons, whole
from network import Network
from prepare import Prepared
from safetensors.torch import load_file
from sklearn.linear_model import LogisticRegression
from torch.nn import functional

from triage.classify.features import OUTPUTS

POSITIVE = 1.5
_PIECE = 64
_START = 3.0
_NEAR = 20
_WARM = 0.06
_LEAST = 0.02
_SHARES = Shares(stretches=0.2, pairs=0.15, passing=0.2)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How it is taught: ``passes`` over the messages at a ``rate``, ``heads`` times that for the heads.

    ``unseen`` is the share of tokens hidden from attention in each step; ``shares`` says how many messages
    are read otherwise than as they are.
    """

    passes: int = 3
    rate: float = 2e-4
    heads: float = 1.5
    batch: int = 32
    dropout: float = 0.15
    unseen: float = 0.1
    shares: Shares = _SHARES
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages side by side: tokens, which are ``seen``, and the ``segment`` of each (-1: none)."""

    tokens: torch.Tensor
    seen: torch.Tensor
    segment: torch.Tensor


def fresh(weights: Path, dropout: float = 0.0) -> Network:
    """Return a network with the base's weights, its heads drawn by chance."""
    network = Network(len(OUTPUTS), dropout)
    network.e.load_base(load_file(weights))
    return network


def taught(weights: Path, messages: Sequence[Prepared], recipe: Recipe) -> Network:
    """Return a network taught with those of the messages that people wrote."""
    torch.manual_seed(recipe.seed)
    own = [one for one in messages if not one.machine]
    network = fresh(weights, recipe.dropout)
    _start(network, own)
    _teach(network, own, recipe)
    return network.eval()


def weights_of(network: Network) -> dict[str, np.ndarray]:
    """Return the network's weights by name."""
    return {name: value.detach().float().numpy() for name, value in network.state_dict().items()}


def _start(network: Network, messages: Sequence[Prepared]) -> None:
    """Give the heads what a regression over the base's mean states finds; attention starts even."""
    network.eval()
    means = np.zeros((len(messages), network.out.in_features), np.float32)
    for numbers in _in_order(messages, _PIECE):
        batch = _batch([whole(messages[number]) for number in numbers], 0.0)
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            states = network.e(batch.tokens, batch.seen).float()
        seen = batch.seen[..., None]
        means[numbers] = ((states * seen).sum(1) / seen.sum(1)).numpy()
    size = np.linalg.norm(means, axis=1).mean()
    labels = np.array([one.labels for one in messages])
    with torch.no_grad():
        network.att.weight.zero_()
        network.att.bias.zero_()
        for column in range(len(OUTPUTS)):
            if not 0 < labels[:, column].sum() < len(messages):
                continue
            found = LogisticRegression(C=_START, max_iter=300).fit(means / size, labels[:, column])
            for head in (network.out, network.seg):
                head.weight[column] = torch.from_numpy(found.coef_[0] / size)
                head.bias[column] = float(found.intercept_[0])


def _teach(network: Network, messages: Sequence[Prepared], recipe: Recipe) -> None:
    chance = random.Random(recipe.seed)
    layers = list(network.e.L.parameters())
    heads = [weight for head in (network.att, network.out, network.seg) for weight in head.parameters()]
    for weight in set(network.e.parameters()) - set(layers):
        weight.requires_grad_(False)
    rates = (recipe.rate, recipe.rate * recipe.heads)
    optimiser = torch.optim.AdamW(
        [{"params": layers, "lr": rates[0]}, {"params": heads, "lr": rates[1]}],
        weight_decay=0.01,
        betas=(0.9, 0.98),
        fused=True,
    )
    steps = math.ceil(len(messages) / recipe.batch) * recipe.passes
    step = 0
    network.train()
    for number in range(recipe.passes):
        taught = lessons(messages, recipe.shares, chance)
        total, batches = 0.0, _batches(taught, recipe.batch, chance)
        for numbers in batches:
            pace = min(1.0, (step + 1) / (_WARM * steps)) * max(_LEAST, 1 - step / steps)
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * pace
            loss = _loss(network, [taught[number] for number in numbers], recipe)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*layers, *heads], 1.0)
            optimiser.step()
            step += 1
            total += loss.item()
        print(f"pass {number + 1}: loss {total / len(batches):.4f}", file=sys.stderr, flush=True)


def _loss(network: Network, messages: Sequence[Lesson], recipe: Recipe) -> torch.Tensor:
    """Ask three things: the message's topics, its strongest segment's, and the segments with the evidence."""
    batch = _batch(messages, recipe.unseen)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        message, segments, there = network.heads(
            network.e(batch.tokens, batch.seen), batch.seen, batch.segment
        )
    message, segments = message.float(), segments.float()
    labels = torch.tensor([one.labels for one in messages]).float()
    known = torch.tensor([one.known for one in messages])
    shown, told = _shown(messages, segments.shape[1])
    told = told & there[..., None]
    strongest = segments.masked_fill(~there[..., None], -1e4).max(1)[0]
    return (
        _asked(message, labels, known)
        + 0.5 * _asked(strongest, labels, known)
        + 0.5 * _asked(segments, shown, told)
    )


def _asked(logits: torch.Tensor, labels: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """Return the mean loss over what is known, what applies weighing more."""
    weight = torch.full((labels.shape[-1],), POSITIVE)
    losses = functional.binary_cross_entropy_with_logits(logits, labels, pos_weight=weight, reduction="none")
    return (losses * known).sum() / known.sum()


def _shown(messages: Sequence[Lesson], count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return for each segment and output whether it is shown there, and whether that is known.

    Where an output applies, only its evidence is known: another sentence may speak of it too.
    """
    shown = torch.zeros(len(messages), count, len(OUTPUTS))
    known = torch.tensor([one.known for one in messages])[:, None, :].repeat(1, count, 1)
    for row, one in enumerate(messages):
        for column, places in one.shown:
            known[row, :, column] = False
            for place in places:
                if place < count:
                    shown[row, place, column], known[row, place, column] = 1.0, True
    return shown, known


def _in_order(messages: Sequence[Prepared], size: int) -> Iterator[list[int]]:
    order = sorted(range(len(messages)), key=lambda number: len(messages[number].tokens))
    return (order[start : start + size] for start in range(0, len(order), size))


def _batches(messages: Sequence[Lesson], size: int, chance: random.Random) -> list[list[int]]:
    """Return batches of messages that are about as long, so that little is padding."""
    order = list(range(len(messages)))
    chance.shuffle(order)
    found = []
    for start in range(0, len(order), size * _NEAR):
        near = sorted(order[start : start + size * _NEAR], key=lambda number: len(messages[number].tokens))
        found += [near[place : place + size] for place in range(0, len(near), size)]
    chance.shuffle(found)
    return found


def _batch(messages: Sequence[Lesson], unseen: float) -> Batch:
    length = max(len(one.tokens) for one in messages)
    tokens = torch.zeros(len(messages), length, dtype=torch.long)
    seen = torch.zeros(len(messages), length, dtype=torch.bool)
    segment = torch.full((len(messages), length), -1)
    for row, one in enumerate(messages):
        count = len(one.tokens)
        tokens[row, :count] = torch.tensor(one.tokens)
        segment[row, :count] = torch.tensor(one.segment)
        seen[row, :count] = torch.rand(count) >= unseen
        seen[row, 0] = True
    return Batch(tokens, seen, segment)
