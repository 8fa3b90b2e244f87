"""Principals and what they own."""

from chat_app.models.principal import Principal, PrincipalKind


def test_principals_of_different_kinds_with_one_id_own_different_things():
    owners = {
        Principal("shop", kind).key for kind in (PrincipalKind.VISITOR, PrincipalKind.PROGRAM, PrincipalKind.LOCAL)
    }
    assert len(owners) == 3


def test_a_visitor_owns_what_it_owned_before_there_were_kinds():
    assert Principal("0f3a").key == "0f3a"
