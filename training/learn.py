"""Teaches the network: the upper layers and the heads, over the states of the lower layers, reckoned once.

The lower layers and the words stay as they were pretrained: with some thousand messages they have nothing to
learn, and without them an epoch takes half the time.
"""

import math
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from network import LAYERS, Network
from prepare import Prepared
from safetensors.torch import load_file
from torch.nn import functional

from triage.classify.features import OUTPUTS

LOWER = 3
POSITIVE = 1.5
_PIECE = 64
_HEADS_FASTER = 4
_WARM = 0.06
_LEAST = 0.02


@dataclass(frozen=True, slots=True)
class Recipe:
    """How it is taught: ``shown`` messages in all, so that more text makes fewer passes over it.

    ``unseen`` is the share of tokens hidden from attention in each step.
    """

    shown: int = 40_000
    rate: float = 5e-4
    batch: int = 32
    unseen: float = 0.1
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Batch:
    states: torch.Tensor
    seen: torch.Tensor
    segment: torch.Tensor


@dataclass(frozen=True, slots=True)
class States:
    """One message after the lower layers."""

    states: torch.Tensor
    segment: torch.Tensor

    def __len__(self) -> int:
        return len(self.segment)


def fresh(weights: Path) -> Network:
    """Return a network with the base's weights."""
    network = Network(len(OUTPUTS))
    network.e.load_base(load_file(weights))
    return network


def states_of(network: Network, messages: Sequence[Prepared]) -> list[States]:
    """Return every message after the lower layers, in order."""
    network.eval()
    found: dict[int, States] = {}
    order = sorted(range(len(messages)), key=lambda number: len(messages[number].tokens))
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for start in range(0, len(order), _PIECE):
            numbers = order[start : start + _PIECE]
            length = max(len(messages[number].tokens) for number in numbers)
            tokens = torch.zeros(len(numbers), length, dtype=torch.long)
            seen = torch.zeros(len(numbers), length, dtype=torch.bool)
            for row, number in enumerate(numbers):
                own = messages[number].tokens
                tokens[row, : len(own)], seen[row, : len(own)] = torch.tensor(own), True
            states = network.e.lower(tokens, seen, LOWER).bfloat16()
            for row, number in enumerate(numbers):
                own = messages[number]
                found[number] = States(states[row, : len(own.tokens)].clone(), torch.tensor(own.segment))
    return [found[number] for number in range(len(messages))]


def teach(network: Network, messages: Sequence[Prepared], states: Sequence[States], recipe: Recipe) -> None:
    """Teach the network in place."""
    torch.manual_seed(recipe.seed)
    chance = random.Random(recipe.seed)
    upper = [weight for layer in network.e.L[LOWER:LAYERS] for weight in layer.parameters()]
    heads = [weight for head in (network.att, network.out, network.seg) for weight in head.parameters()]
    rates = (recipe.rate, recipe.rate * _HEADS_FASTER)
    optimiser = torch.optim.AdamW(
        [{"params": upper, "lr": rates[0]}, {"params": heads, "lr": rates[1]}],
        weight_decay=0.01,
        betas=(0.9, 0.98),
    )
    epochs = max(1, round(recipe.shown / len(messages)))
    steps = math.ceil(len(messages) / recipe.batch) * epochs
    step = 0
    for epoch in range(epochs):
        network.train()
        total, batches = 0.0, _batches(states, recipe.batch, chance)
        for numbers in batches:
            pace = min(1.0, (step + 1) / (_WARM * steps)) * max(_LEAST, 1 - step / steps)
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * pace
            loss = _loss(
                network, _batch([states[number] for number in numbers], recipe.unseen), numbers, messages
            )
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*upper, *heads], 1.0)
            optimiser.step()
            step += 1
            total += loss.item()
        print(
            f"epoch {epoch + 1} of {epochs}: loss {total / len(batches):.4f}",
            file=sys.stderr,
            flush=True,
        )
    network.eval()


def weights_of(network: Network) -> dict[str, np.ndarray]:
    """Return the network's weights by name."""
    return {name: value.detach().float().numpy() for name, value in network.state_dict().items()}


def _loss(
    network: Network, batch: Batch, numbers: Sequence[int], messages: Sequence[Prepared]
) -> torch.Tensor:
    """Ask three things: the message's topics, its strongest segment's, and the segments with the evidence."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states = network.e.upper(batch.states, batch.seen, LOWER)
        message, segments, there = network.heads(states, batch.seen, batch.segment)
    message, segments = message.float(), segments.float()
    labels = torch.tensor([messages[number].labels for number in numbers]).float()
    shown, told = _shown(numbers, messages, segments.shape[1])
    told = told & there[..., None]
    strongest = segments.masked_fill(~there[..., None], -1e4).max(1)[0]
    weight = torch.full((labels.shape[1],), POSITIVE)
    asked = functional.binary_cross_entropy_with_logits
    evidence = asked(segments, shown, pos_weight=weight, reduction="none") * told
    return (
        asked(message, labels, pos_weight=weight)
        + 0.5 * asked(strongest, labels, pos_weight=weight)
        + 0.5 * evidence.sum() / told.sum()
    )


def _shown(
    numbers: Sequence[int], messages: Sequence[Prepared], count: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return for each segment and output whether it is shown there, and whether that is known.

    Where an output applies, only its evidence is known: another sentence may speak of it too.
    """
    shown = torch.zeros(len(numbers), count, len(OUTPUTS))
    known = torch.ones(len(numbers), count, len(OUTPUTS), dtype=torch.bool)
    for row, number in enumerate(numbers):
        for column, places in messages[number].shown:
            known[row, :, column] = False
            for place in places:
                if place < count:
                    shown[row, place, column], known[row, place, column] = 1.0, True
    return shown, known


def _batches(states: Sequence[States], size: int, chance: random.Random) -> list[list[int]]:
    """Return batches of messages that are about as long, so that little is padding."""
    order = list(range(len(states)))
    chance.shuffle(order)
    found = []
    for start in range(0, len(order), size * 20):
        near = sorted(order[start : start + size * 20], key=lambda number: len(states[number]))
        found += [near[place : place + size] for place in range(0, len(near), size)]
    chance.shuffle(found)
    return found


def _batch(own: Sequence[States], unseen: float) -> Batch:
    length = max(map(len, own))
    states = torch.zeros(len(own), length, own[0].states.shape[1], dtype=torch.bfloat16)
    seen = torch.zeros(len(own), length, dtype=torch.bool)
    segment = torch.full((len(own), length), -1)
    for row, one in enumerate(own):
        states[row, : len(one)], segment[row, : len(one)] = one.states, one.segment
        seen[row, : len(one)] = torch.rand(len(one)) >= unseen
        seen[row, 0] = True
    return Batch(states, seen, segment)
