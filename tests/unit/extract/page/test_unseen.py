"""drop_unseen: hidden phrases and cards on hover go, what stands after them and what scripts show later stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.extract.page.blocks import blocks_of
from aggregator.extract.page.tree import parse_page
from aggregator.extract.page.unseen import drop_unseen


def seen(body: str) -> str:
    tree = parse_page(f"<html><body>{body}</body></html>")
    drop_unseen(tree)
    return "\n".join(block.text for block in blocks_of(tree))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>One <span hidden>{'state': 1}</span>two</p>", "One two"),
        ("<p>One<span style='display: none'> x</span> two</p>", "One two"),
        ("<p>Rep. <a href='/x'>X<span role='tooltip'>X Progressives oppose it</span></a> said</p>", "Rep. X said"),
        ("<p>Rep. <span class='hover-card__content'>A card</span>X said</p>", "Rep. X said"),
        ("<p>A <span class='tooltip'>term<span class='tooltiptext'>what it means</span></span>.</p>", "A term."),
        ("<p>A <span aria-hidden='true'>{\"id\": 7}</span>poll</p>", "A poll"),
        ("<p>Said <span>Ana<span class='person__card'>Ana, 3 stories</span></span> on Monday</p>", "Said Ana on Monday"),
        ("<p>The <span class='has-tip'>draught<span class='tip-content'>depth</span></span>.</p>", "The draught."),
        ("<p>The bill of</p><div class='bio-popup'><h4>Ana</h4><p>Sits there</p></div>", "The bill of"),
        ("<div class='tip-box'><p>Tip: salt the water.</p></div>", "Tip: salt the water."),
        ("<a class='bio-popup-link' href='/a'>Ana</a>", "Ana"),
        ("<p>A <a class='hover-card-trigger' href='/x'>name</a>.</p>", "A name."),
        ("<div hidden><p>Unfolded by a script</p></div>", "Unfolded by a script"),
        ("<p hidden='until-found'>Found</p>", "Found"),
        ("<p>One <span aria-hidden='true'>T</span>wo</p>", "One Two"),
        ("<p>A <span class='hidden js-data'>{\"id\": 7}</span>poll</p>", "A poll"),
        ("<div class='hidden'>[{\"id\": 7}]</div><p>A poll</p>", "A poll"),
        ("<p>One<span class='d-none'> x y</span> two</p>", "One two"),
        ("<p>One<span class='hidden md:inline'> on wide screens</span></p>", "One on wide screens"),
        ("<p>One<span class='d-none d-md-inline'> on wide screens</span></p>", "One on wide screens"),
        ("<p>One<span class='read-more hide'> and all the rest</span></p>", "One and all the rest"),
        ("<p>A <a href='/x'>link<i class='material-icons'>open_in_new</i></a></p>", "A link"),
        ("<p>A <a href='/x'>link<span aria-hidden='true'>arrow_forward</span></a></p>", "A link"),
        ("<p>Text</p><div class='toast' aria-hidden='true'>Copied to your clipboard</div>", "Text"),
        ("<p aria-label='To be or not'><span aria-hidden='true'>To be or not</span></p>", "To be or not"),
        ("<p>So <span class='katex'><span class='katex-html' aria-hidden='true'><b>a</b> = b + c</span></span></p>", "So a = b + c"),
        ("<div class='figure-caption' aria-hidden='true'>The old pier in 1920</div>", "The old pier in 1920"),
        ("<div class='accordion__body' aria-hidden='true'>It can be unfolded</div>", "It can be unfolded"),
        ("<p>Ann<span class='tippy-content'>Progressives oppose it</span> said</p>", "Ann said"),
        ("<div role='tooltip'>" + "<p>All of it, in a box that is called so.</p>" * 40 + "</div>",
         "\n".join(["All of it, in a box that is called so."] * 40)),
    ],
)  # fmt: skip
def test_what_is_seen(body: str, text: str) -> None:
    assert seen(body) == text


def test_pictures_shown_later_stay() -> None:
    tree = parse_page(
        "<html><body><p><span style='visibility:hidden'><img src='/a'></span></p></body></html>"
    )
    drop_unseen(tree)
    assert next(tree.iter("img"), None) is not None


@given(
    st.lists(
        st.sampled_from(
            ["<span hidden>", "</span>", "<p>", "</p>", "<b role=tooltip>", "</b>", "a", " "]
        ),
        max_size=40,
    )
)
def test_any_nesting_is_survived(parts: list[str]) -> None:
    seen("<i>x</i>" + "".join(parts))
