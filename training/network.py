"""The network in torch: MiniLM's encoder, and heads that read a message whole and segment by segment.

The modules' names are those that graph.py writes out.
"""

from collections.abc import Mapping

import torch
from torch import nn
from torch.nn import functional

SIZE, HEADS, WIDE, LAYERS, WORDS, PLACES = 384, 12, 1536, 6, 30522, 512
EPSILON = 1e-12
_NOTHING = -1e4


class Layer(nn.Module):
    """One transformer layer, after-normalised, as BERT has it."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(SIZE, SIZE) for _ in range(4))
        self.f1, self.f2 = nn.Linear(SIZE, WIDE), nn.Linear(WIDE, SIZE)
        self.n1, self.n2 = nn.LayerNorm(SIZE, EPSILON), nn.LayerNorm(SIZE, EPSILON)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        batch, length, _ = x.shape

        def heads(part: torch.Tensor) -> torch.Tensor:
            return part.view(batch, length, HEADS, SIZE // HEADS).transpose(1, 2)

        mixed = functional.scaled_dot_product_attention(
            heads(self.q(x)),
            heads(self.k(x)),
            heads(self.v(x)),
            attn_mask=seen[:, None, None, :],
        )
        x = self.n1(x + self.drop(self.o(mixed.transpose(1, 2).reshape(batch, length, SIZE))))
        return self.n2(x + self.drop(self.f2(functional.gelu(self.f1(x)))))


class Encoder(nn.Module):
    """The words, their places and the layers. The words and places stay as they were pretrained."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.w, self.pos = nn.Embedding(WORDS, SIZE), nn.Embedding(PLACES, SIZE)
        self.typ, self.n = nn.Parameter(torch.zeros(SIZE)), nn.LayerNorm(SIZE, EPSILON)
        self.L = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))

    def forward(self, tokens: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        """Return the last states (batch, length, size); tokens that are not seen are attended by none."""
        x = self.n(self.w(tokens) + self.pos.weight[: tokens.shape[1]] + self.typ)
        for layer in self.L:
            x = layer(x, seen)
        return x

    def load_base(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Take the weights of a BERT model by its names."""
        self.w.weight.data = weights["embeddings.word_embeddings.weight"].float()
        self.pos.weight.data = weights["embeddings.position_embeddings.weight"].float()
        self.typ.data = weights["embeddings.token_type_embeddings.weight"][0].float()
        _take(self.n, weights, "embeddings.LayerNorm")
        names = {
            "q": "attention.self.query",
            "k": "attention.self.key",
            "v": "attention.self.value",
            "o": "attention.output.dense",
            "n1": "attention.output.LayerNorm",
            "f1": "intermediate.dense",
            "f2": "output.dense",
            "n2": "output.LayerNorm",
        }
        for number, layer in enumerate(self.L):
            for own, theirs in names.items():
                _take(getattr(layer, own), weights, f"encoder.layer.{number}.{theirs}")


def _take(module: nn.Module, weights: Mapping[str, torch.Tensor], name: str) -> None:
    module.weight.data = weights[f"{name}.weight"].float()
    module.bias.data = weights[f"{name}.bias"].float()


class Network(nn.Module):
    """The encoder ``e`` and its heads: ``att`` and ``out`` read the message, ``seg`` each segment."""

    def __init__(self, outputs: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.e = Encoder(dropout)
        self.att, self.out, self.seg = (nn.Linear(SIZE, outputs) for _ in range(3))
        self.drop = nn.Dropout(dropout)
        for head in (self.att, self.out, self.seg):
            nn.init.normal_(head.weight, std=0.02)

    def heads(
        self, states: torch.Tensor, seen: torch.Tensor, segment: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return logits of messages (b, t), of segments (b, k, t) and which segments there are (b, k).

        ``segment`` holds each token's number of its segment, -1 outside of any.
        """
        states = self.drop(states).float()
        attended = self.att(states).masked_fill(~seen[..., None], _NOTHING).softmax(1)
        values = torch.einsum("bnt,bnd->btd", attended, states)
        message = (values * self.out.weight).sum(-1) + self.out.bias
        count = int(segment.max()) + 1
        belongs = functional.one_hot(segment.clamp(min=0), count).float() * (segment >= 0)[..., None]
        size = belongs.sum(1)
        pooled = torch.einsum("bnk,bnd->bkd", belongs, states) / size.clamp(min=1)[..., None]
        return message, self.seg(pooled), size > 0
