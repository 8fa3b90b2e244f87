"""Principals and what they own."""

import pytest

from chat_app.models.principal import Principal, PrincipalKind


def test_principals_of_different_kinds_with_one_id_own_different_things():
    owners = {
        Principal("shop", kind).key for kind in (PrincipalKind.VISITOR, PrincipalKind.PROGRAM, PrincipalKind.LOCAL)
    }
    assert len(owners) == 3


def test_a_visitor_owns_what_it_owned_before_there_were_kinds():
    assert Principal("0f3a").key == "0f3a"


@pytest.mark.parametrize("kind", PrincipalKind)
@pytest.mark.parametrize("principal_id", ["0f3a", "shop", "shop:seoul", ""])
def test_a_principal_of_any_kind_is_read_from_its_key(kind: PrincipalKind, principal_id: str):
    principal = Principal(principal_id, kind)
    if kind is not PrincipalKind.VISITOR or ":" not in principal_id:
        assert Principal.from_key(principal.key) == principal


def test_an_id_with_a_colon_that_names_no_kind_is_a_visitors():
    assert Principal.from_key("shop:seoul") == Principal("shop:seoul")
