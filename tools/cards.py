"""The cards of the activity without a computer: rows of five shapes, in four rounds and a test.

A row is called zig if a circle stands beside a triangle, and zag otherwise. Every choice of five shapes occurs in
both classes, so that no shape and no number of shapes gives the class away. The letter in the corner means nothing.
"""

from __future__ import annotations

import html
import itertools
import random
from typing import NamedTuple

SHAPES = "CTSX"  # circle, triangle, square, cross
ROUNDS, TRAINING, TEST = 4, 16, 8
LETTERS = "ABCDEFGHIJKLMNOP"
CARD = (  # one shape in a field of 100 by 100
    '<circle cx="50" cy="50" r="36"/>',
    '<path d="M50 12 L90 84 L10 84 Z"/>',
    '<rect x="17" y="17" width="66" height="66"/>',
    '<path d="M36 12h28v24h24v28h-24v24h-28v-24h-24v-28h24Z"/>',
)


class Card(NamedTuple):
    letter: str
    row: str  # five of SHAPES
    filled: bool


def label(row: str) -> str:
    """zig or zag; a mirror image has the same."""
    return "zig" if "CT" in row or "TC" in row else "zag"


def pairs_of_rows(rng: random.Random) -> list[tuple[str, str]]:
    """Twelve choices of five shapes, each as a zig row and a zag row; no row is another one or its mirror image."""
    pairs, seen = [], set()
    choices = [
        "".join(shapes)
        for shapes in itertools.combinations_with_replacement(SHAPES, 5)
        if {"C", "T"} <= set(shapes) and len(set(shapes)) > 2
    ]
    rng.shuffle(choices)
    for shapes in choices:
        orders = sorted({"".join(order) for order in itertools.permutations(shapes)})
        rng.shuffle(orders)
        zigs = [row for row in orders if label(row) == "zig" and row not in seen]
        zags = [row for row in orders if label(row) == "zag" and row not in seen]
        if zigs and zags:
            pairs.append((zigs[0], zags[0]))
            seen |= {zigs[0], zigs[0][::-1], zags[0], zags[0][::-1]}
    return pairs[: (TRAINING + TEST) // 2]


def deck(seed: int = 0) -> tuple[list[list[Card]], list[Card]]:
    """The cards of the rounds and of the test.

    Returns:
        Four rounds of sixteen cards: the first is the static deck, the others show the same rows anew, as live
        does. Then eight test cards, of which half carry a letter that had the other label in the static deck.
    """
    rng = random.Random(seed)
    pairs = pairs_of_rows(rng)
    training = [row for pair in pairs[: TRAINING // 2] for row in pair]
    rng.shuffle(training)
    first = [Card(letter, row, filled=True) for letter, row in zip(LETTERS, training, strict=True)]
    rounds = [first]
    while len(rounds) < ROUNDS:
        letters = rng.sample(LETTERS, TRAINING)
        if sum(label(training[LETTERS.index(x)]) == label(row) for x, row in zip(letters, training, strict=True)) != 8:
            continue  # an old letter shall be right for half of the cards, as a coin would be
        drawn = [row[:: rng.choice((1, -1))] for row in training]
        rounds.append([Card(x, row, rng.random() < 0.5) for x, row in zip(letters, drawn, strict=True)])
    test_rows = [row for pair in pairs[TRAINING // 2 :] for row in pair]
    right = [True, False] * (TEST // 2)  # whether its letter had this label before; two of each in both classes
    test, free = [], list(LETTERS)
    for row, same in zip(test_rows, right[:4] + right[:4][::-1], strict=True):
        letter = next(x for x in free if (label(training[LETTERS.index(x)]) == label(row)) is same)
        free.remove(letter)
        test.append(Card(letter, row, rng.random() < 0.5))
    rng.shuffle(test)
    return rounds, test


def drawing(card: Card) -> str:
    """A card as SVG."""
    fill = "#222" if card.filled else "none"
    shapes = "".join(
        f'<g transform="translate({60 + 100 * place} 70)">{CARD[SHAPES.index(shape)]}</g>'
        for place, shape in enumerate(card.row)
    )
    return (
        f'<svg viewBox="0 0 620 230" role="img" aria-label="{html.escape(card.letter)}">'
        f'<text x="24" y="52" font-size="44">{card.letter}</text>'
        f'<g fill="{fill}" stroke="#222" stroke-width="6">{shapes}</g></svg>'
    )


def sheet() -> str:
    """All cards on sheets to print, eight a page, with the labels on a list for the dealer."""
    rounds, test = deck()
    named = {f"round {number}": cards for number, cards in enumerate(rounds, 1)} | {"test": test}
    pages = []
    for name, cards in named.items():
        for half in (cards[:8], cards[8:]):
            drawn = "".join(f"<div>{drawing(card)}<small>{name}</small></div>" for card in half)
            pages += [f"<section>{drawn}</section>"] if half else []
    answers = "".join(
        f"<tr><th>{name}</th><td>{', '.join(f'{card.letter} {label(card.row)}' for card in cards)}</td></tr>"
        for name, cards in named.items()
    )
    style = (
        "@page{size:A4;margin:8mm} body{font-family:sans-serif;margin:0} section{display:grid;"
        "grid-template-columns:1fr 1fr;break-after:page} div{border:1px dashed #999;height:68mm;box-sizing:border-box;"
        "padding:4mm;display:flex;flex-direction:column;justify-content:center} small{text-align:right;color:#555}"
        "th{text-align:left;white-space:nowrap;padding:2mm 4mm 2mm 0} td{line-height:1.6}"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>Cards</title><style>{style}</style>\n'
        f"<h1>For the dealer</h1><table>{answers}</table><section></section>{''.join(pages)}</html>\n"
    )
