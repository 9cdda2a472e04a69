"""`companyos certificate verify | key` and `companyos adoption-plan`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from companyos.cli.commands import Mistake

if TYPE_CHECKING:
    from companyos.adoption.features.domain.document import Section

_LARGEST = 20 * 1024 * 1024


def verify_certificate(options: argparse.Namespace) -> int:
    """Verify a certificate offline: 0 it holds, 1 it does not. Needs no instance, no network."""
    from companyos.adoption.features.domain.certificate import problems_of

    body = _read(options.file)
    if found := problems_of(body, key=options.key or ""):
        for problem in found:
            print(problem)
        print("The certificate does not hold.")
        return 1
    document, feature = body["document"], body["document"]["snapshot"]["feature"]
    rows = sum(len(card["rows"]) for card in document["snapshot"]["scorecards"])
    went = ", ".join(
        f"{each['name']} ({each['role'].replace('_', ' ')})" for each in document["sign_offs"] if each["go"]
    )
    print(f"{feature['title']} {feature['version']}: ready for external GA, as of {document['issued_at']}.")
    print(f"{rows} rows with {len(document['snapshot']['facts'])} facts; each hash holds. Go: {went}.")
    for each in document["dissent"]:
        print(f"No-go: {each['name']} ({each['role'].replace('_', ' ')}): {each['words']}")
    print(
        f"Signed with {body['public_key']}{'' if options.key else '; compare it with the one you know (--key)'}."
    )
    return 0


def show_key(options: argparse.Namespace) -> int:
    """Print the instance's public key: who holds it can tell this instance's certificates from others."""
    from companyos.kernel.signing import public_key
    from companyos.platform.signing_key import BrokenKey, signing_seed

    if not options.data.is_dir():
        raise Mistake(f"there is no data directory {options.data}; name the instance's own with --data.")
    try:
        print(public_key(signing_seed(options.data)))
    except BrokenKey as broken:
        raise Mistake(str(broken)) from None
    return 0


def write_plan(options: argparse.Namespace) -> int:
    """Write the adoption plan of a feature, or of the programme, from the instance's live objects."""
    from companyos.cli.ground import standing_beside
    from companyos.kernel.clock import WallClock

    with standing_beside(options.data):
        from companyos.adoption.features import queries
        from companyos.adoption.features.domain.document import changes
        from companyos.surfaces.console.readiness import adoption_plan

        subject = options.feature or ""
        if subject and queries.feature(subject) is None:
            known = ", ".join(each.slug for each in queries.features())
            raise Mistake(
                f"there is no feature {subject!r}; the instance has {known or 'none; apply a program first'}."
            )
        sections = adoption_plan.sections_of(subject, WallClock().now())
        text = adoption_plan.to_markdown(subject, sections)
        if options.diff:
            approved = queries.newest_plan(subject)
            if approved is None:
                raise Mistake("no version was approved yet; there is nothing to compare with.")
            print(
                "\n".join(changes(approved.text, text))
                or f"Nothing changed since version {approved.version}."
            )
            return 0
        _write(options, subject, sections, text)
    return 0


def _write(options: argparse.Namespace, subject: str, sections: tuple[Section, ...], text: str) -> None:
    from companyos.surfaces.console.readiness import adoption_plan

    if options.format == "pdf":
        _write_pdf(options, subject, sections)
        return
    written = text if options.format == "md" else adoption_plan.to_html(subject, sections)
    if options.out:
        options.out.write_text(written, encoding="utf-8")
    else:
        print(written, end="")


def _write_pdf(options: argparse.Namespace, subject: str, sections: tuple[Section, ...]) -> None:
    """Write the plan as PDF. Raises Mistake where the extra is not installed."""
    from companyos.surfaces.console.readiness import adoption_plan

    try:
        from companyos.cli import plan_pdf
    except ModuleNotFoundError as missing:
        raise Mistake(
            f"a PDF needs {missing.name}: pip install 'companyos[pdf]'; --format html can be printed from any browser."
        ) from None
    out = options.out or Path(f"adoption-plan{f'-{subject}' if subject else ''}.pdf")
    title = adoption_plan.title_of(subject)
    out.write_bytes(plan_pdf.pdf(title, sections))
    print(f"Written: {out}")
    if odd := plan_pdf.not_in_the_font(title, sections):
        print(f"These letters are not in the PDF's font and stand as ?: {odd}; --format html shows them.")


def _read(path: Path) -> Any:
    try:
        if path.stat().st_size > _LARGEST:
            raise Mistake(f"{path} is larger than {_LARGEST // 2**20} MB: no certificate is.")
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise Mistake(f"{path} cannot be read as a certificate: {str(error)[:120]}") from None
    return found


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `certificate` and `adoption-plan` to the command line."""
    certificate = commands.add_parser("certificate", help="verify a readiness certificate offline")
    does = certificate.add_subparsers(required=True, dest="does")
    verify = does.add_parser("verify", help="0: it holds; 1: it does not")
    verify.add_argument("file", type=Path, metavar="FILE.json")
    verify.add_argument("--key", metavar="HEX", help="the public key it must be signed with")
    verify.set_defaults(command=verify_certificate)
    key = does.add_parser("key", help="print this instance's public key")
    key.add_argument("--data", type=Path, default=Path("var"), help="data directory (default: var)")
    key.set_defaults(command=show_key)
    plan = commands.add_parser(
        "adoption-plan", help="write the adoption plan of a feature, or of the programme"
    )
    plan.add_argument("feature", nargs="?", metavar="FEATURE")
    plan.add_argument("--format", choices=("md", "html", "pdf"), default="md")
    plan.add_argument("--diff", action="store_true", help="only what changed since the version approved last")
    plan.add_argument("--out", type=Path, metavar="FILE")
    plan.add_argument("--data", type=Path, default=Path("var"), help="data directory (default: var)")
    plan.set_defaults(command=write_plan)
