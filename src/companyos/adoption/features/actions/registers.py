"""The registers of the programme's files: surfaces and core processes, as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from companyos.adoption.features.actions.directory import changed
from companyos.adoption.features.models import CoreProcess, Elsewhere, Feature, Surface


def keep_surfaces(*, rows: Sequence[dict[str, Any]]) -> bool:
    """Make the register of surfaces what the files say; says whether anything changed."""
    wanted = {(row["kind"], row["begins"]): row["feature"] for row in rows}
    known = {(each.kind, each.begins): each.feature for each in Surface.objects.all()}
    if wanted == known:
        return False
    Surface.objects.all().delete()
    Surface.objects.bulk_create(
        Surface(kind=kind, begins=begins, feature=feature) for (kind, begins), feature in wanted.items()
    )
    return True


def keep_elsewhere(*, rows: Sequence[dict[str, Any]]) -> bool:
    """Make what lives outside this instance what the files say; says whether anything changed."""
    wanted = {row["what"]: (row["link"], row["why"]) for row in rows}
    if wanted == {each.what: (each.link, each.why) for each in Elsewhere.objects.all()}:
        return False
    Elsewhere.objects.all().delete()
    Elsewhere.objects.bulk_create(
        Elsewhere(what=what, link=link, why=why) for what, (link, why) in wanted.items()
    )
    for feature in Feature.objects.values_list("pk", flat=True):
        changed(feature)
    return True


def keep_processes(*, rows: Sequence[dict[str, Any]]) -> bool:
    """Make the register of core processes what the files say; says whether anything changed."""
    wanted = {
        row["slug"]: (
            row["title"],
            row["tenant"],
            row.get("tool", ""),
            row.get("why", ""),
            row.get("feature", ""),
            list(row.get("kinds", ())),
        )
        for row in rows
    }
    known = {
        p.slug: (p.title, p.tenant_slug, p.tool, p.why, p.feature, p.kinds) for p in CoreProcess.objects.all()
    }
    if wanted == known:
        return False
    CoreProcess.objects.all().delete()
    CoreProcess.objects.bulk_create(
        CoreProcess(
            slug=slug, title=title, tenant_slug=tenant, tool=tool, why=why, feature=feature, kinds=kinds
        )
        for slug, (title, tenant, tool, why, feature, kinds) in wanted.items()
    )
    return True
