"""Where a browser goes after signing in: never to another site."""

import pytest

from triage.web.paths import own_path, with_way_back


@pytest.mark.parametrize("path", ["/", "/flags", "/cases/12", "/flags?view=3", "/account/code", "/a//b"])
def test_a_path_of_this_site_is_gone_to(path):
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "flags",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/flags\r\nSet-Cookie: a=b",
        "/flags\\..",
        "https://evil.example/",
        "javascript:alert(1)",
        "/ /evil.example",
        "/fl\u00e4gs",
        "/sign-in",
        "/sign-in?to=/sign-in",
        "/sign-out",
        "/" + "x" * 500,
    ],
)
def test_anything_else_leads_to_where_everybody_begins(path):
    assert own_path(path) == "/"


def test_the_way_back_is_kept_in_the_address_unless_it_is_the_beginning():
    assert with_way_back("/sign-in", "/cases/12") == "/sign-in?to=/cases/12"
    assert with_way_back("/sign-in", "/flags?a=b&c") == "/sign-in?to=/flags%3Fa%3Db%26c"
    assert with_way_back("/sign-in", "/") == "/sign-in"
