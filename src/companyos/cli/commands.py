"""The commands and their options."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

BAD_INPUT = 2
PROGRAM = Path("program")


class Mistake(Exception):
    """Something a person has to change; its text is shown as it is."""


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code (0 done, 2 bad input; `rehearse` also 3: ended elsewhere)."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except Mistake as mistake:
        print(f"companyos: {mistake}", file=sys.stderr)
        return BAD_INPUT


def _up(options: argparse.Namespace) -> int:
    if options.rehearse:
        if options.processes != 1 or options.sync_port is not None:
            raise Mistake(
                "a rehearsal runs in one process, on one port; leave --processes and --sync-port out."
            )
        from companyos.cli.rehearse import watch_rehearsal

        return watch_rehearsal(options)
    if options.processes == 2:
        from companyos.cli.edge_process import serve_in_two

        return serve_in_two(options)
    from companyos.cli.up import serve_instance

    return serve_instance(options)


def _rehearse(options: argparse.Namespace) -> int:
    from companyos.cli.rehearse import rehearse

    return rehearse(options)


def _serve_pages(options: argparse.Namespace) -> int:
    from companyos.cli.pages_process import serve_pages

    return serve_pages(options)


def _keys(options: argparse.Namespace) -> int:
    from companyos.cli.keys import manage_keys

    return manage_keys(options)


def _serve_rehearsal(options: argparse.Namespace) -> int:
    from companyos.cli.up import serve_rehearsal

    return serve_rehearsal(options)


def _apply(options: argparse.Namespace) -> int:
    from companyos.cli.program import apply_program

    return apply_program(options)


def _plan(options: argparse.Namespace) -> int:
    from companyos.cli.program import plan_program

    return plan_program(options)


def _check_plan(options: argparse.Namespace) -> int:
    from companyos.cli.plans import check_plan

    return check_plan(options)


def _forecast(options: argparse.Namespace) -> int:
    from companyos.cli.forecast import forecast_feature

    return forecast_feature(options)


def _practise(options: argparse.Namespace) -> int:
    from companyos.cli.practise import practise

    return practise(options)


def _import_log(options: argparse.Namespace) -> int:
    from companyos.cli.import_log import import_log

    return import_log(options)


def _mail_in(options: argparse.Namespace) -> int:
    from companyos.cli.mail_in import mail_in

    return mail_in(options)


def _import_answers(options: argparse.Namespace) -> int:
    from companyos.cli.import_answers import import_answers

    return import_answers(options)


def _replay(options: argparse.Namespace) -> int:
    from companyos.cli.decisions import replay_decisions

    return replay_decisions(options)


def _doctor(options: argparse.Namespace) -> int:
    from companyos.cli.doctor import examine

    return examine(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="companyos", description="Proves a feature at home before customers meet it."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    up = _command(commands, "up", _up, "start the instance and serve it")
    up.add_argument("--port", type=int, default=8400)
    up.add_argument("--processes", type=int, choices=(1, 2), default=1, help="2: the edge in its own process")
    up.add_argument("--sync-port", type=int, metavar="PORT", help="serve flagd's gRPC sync there as well")
    up.add_argument(
        "--rate", type=_rate, default=5000.0, metavar="N", help="requests a second that one key may make"
    )
    up.add_argument("--rehearse", metavar="PLAN", help="serve a rehearsal of PLAN instead, and watch it")
    up.add_argument("--smooth", action="store_true", help="with --rehearse: plant no fault")
    up.add_argument("--seed", type=int, default=1)
    up.add_argument("--cases", type=int, default=6000, help="with --rehearse: how many cases over five weeks")
    up.add_argument(
        "--seconds",
        type=float,
        default=25.0,
        help="with --rehearse: at least how long its first ten weeks last",
    )
    up.add_argument("--all-through-feature", action="store_true", help="with --rehearse: every case")
    up.add_argument("--stop-when-done", action="store_true", help=argparse.SUPPRESS)
    rehearse = _command(commands, "rehearse", _rehearse, "run a whole rollout on a virtual clock, headless")
    rehearse.add_argument("plan", metavar="PLAN")
    rehearse.add_argument("--log", type=Path, metavar="FILE.xes[.gz]", help="replay a real approvals log")
    rehearse.add_argument(
        "--fault",
        action="append",
        metavar="KIND@STAGE",
        help="plant a fault in a stage: mismatch, and one of regression, latency, local-incident, shared-incident,"
        " telemetry-loss, late-data, wrong-roster, controller-crash",
    )
    rehearse.add_argument("--seed", type=int, default=1)
    rehearse.add_argument("--cases", type=int, help="without --log: how many cases over five weeks")
    rehearse.add_argument(
        "--all-through-feature", action="store_true", help="ask and answer every case in the feature itself"
    )
    rehearse.add_argument("--until", metavar="STAGE", help="end when this stage is entered")
    rehearse.add_argument("--workforce", type=Path, help="another workforce.yaml")
    rehearse.add_argument("--report", type=Path, metavar="OUT.json")
    rehearse.add_argument("--port", type=int, default=0)
    serve = _command(commands, "serve-rehearsal", _serve_rehearsal)
    serve.add_argument("--port", type=int, default=0)
    serve.add_argument("--again", type=datetime.fromisoformat, metavar="MOMENT")
    pages = _command(commands, "serve-pages", _serve_pages)
    pages.add_argument("--listen-fd", type=int, required=True)
    pages.add_argument("--bell-fd", type=int, required=True)
    pages.add_argument("--port", type=int, required=True)
    _key_commands(commands.add_parser("keys", help="issue, list and revoke the keys of programs"))
    _command(commands, "apply", _apply, "make the instance what program/ says")
    plan = _command(
        commands, "plan", _plan, "show what apply would change; `plan check` asks what a plan can learn"
    )
    asked = plan.add_subparsers(metavar="check")
    _plan_check_options(
        _command(asked, "check", _check_plan, "the chance that each gate has answered by its date")
    )
    _forecast_options(_command(commands, "forecast", _forecast, "what a plan has ahead, in many worlds"))
    practise = _command(commands, "practise", _practise, "play the controller against a hidden fault")
    practise.add_argument("feature", metavar="FEATURE")
    practise.add_argument("--stage", help="default: the third")
    practise.add_argument("--seed", type=int, help="a game to play again (default: a new one)")
    practise.set_defaults(workforce=None, telemetry=False, log=None, cases=None)
    _import_commands(commands)
    stored = commands.add_parser("decisions", help="look at stored decisions").add_subparsers(
        required=True, metavar="COMMAND"
    )
    _command(stored, "replay", _replay, "judge every stored decision again from its frozen evidence")
    _commands_of_their_own(commands)
    _command(commands, "doctor", _doctor, "check this machine and the data directory")
    return parser


def _import_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    imports = _command(commands, "import-log", _import_log, "import another system's approvals log")
    imports.add_argument("log", type=Path, metavar="FILE.xes[.gz]|csv")
    imports.add_argument("--mapping", type=Path, required=True, metavar="MAPPING.yaml")
    imports.add_argument("--rejects", type=Path, metavar="OUT.csv", help="where left out events are listed")
    _command(commands, "mail-in", _mail_in, "take a mail from a mail server's pipe: a case, or words in one")
    brings = _command(commands, "import-answers", _import_answers, "import answers of another survey tool")
    brings.add_argument("answers", type=Path, metavar="FILE.csv[.gz]")
    brings.add_argument("--survey", required=True, help="the survey they belong to")
    brings.add_argument("--tenant", required=True, help="the tenant whose people answered")
    brings.add_argument("--score", default="", metavar="COLUMN")
    brings.add_argument("--words", default="", metavar="COLUMN")
    brings.add_argument(
        "--respondent", default="", metavar="COLUMN", help="so that an erasure reaches their answers"
    )
    brings.add_argument("--at", default="", metavar="COLUMN", help="when they answered (default: now)")


def _key_commands(keys: argparse.ArgumentParser) -> None:
    does = keys.add_subparsers(required=True, dest="does", metavar="ACTION")
    issue = does.add_parser("issue", help="make a key and show it once")
    issue.add_argument("label", help="what it is for")
    issue.add_argument("--kind", choices=("server", "browser"), default="server")
    scopes = ("evaluate", "sync", "ingest", "serving")
    issue.add_argument("--scope", action="append", default=[], choices=scopes, help="default: evaluate")
    issue.add_argument("--tenant", action="append", default=[], help="a tenant it speaks for; '*' for all")
    issue.add_argument("--origin", action="append", default=[], help="browser: https://app.example")
    listed = does.add_parser("list", help="show every key, live and revoked")
    revoke = does.add_parser("revoke", help="refuse a key for ever, within a second")
    revoke.add_argument("id")
    revoke.add_argument("--because", required=True, help="why; it is kept with the key")
    for action in (issue, listed, revoke):
        action.set_defaults(command=_keys)
        _say_where(action)


def _plan_check_options(check: argparse.ArgumentParser) -> None:
    check.add_argument("plan", metavar="PLAN")
    check.add_argument("--people", type=int, metavar="N", help="headcount (default: the program's directory)")
    check.add_argument(
        "--cases",
        type=float,
        metavar="N",
        help="cases a week, of everybody (default: the plan's, else 10 a person)",
    )
    check.add_argument(
        "--response",
        type=float,
        metavar="SHARE",
        help="of those asked (default: the plan's, else the workforce's)",
    )
    check.add_argument(
        "--error-rate",
        type=float,
        metavar="SHARE",
        help="of cases today (default: the plan's, else the workforce's)",
    )
    check.add_argument(
        "--write", type=Path, metavar="FILE.yaml", help="write the plan with the first repairs taken"
    )


def _forecast_options(forecast: argparse.ArgumentParser) -> None:
    forecast.add_argument("feature", metavar="FEATURE")
    forecast.add_argument("--worlds", type=int, default=400, metavar="N")
    forecast.add_argument("--seed", type=int, default=1)
    forecast.add_argument("--cases", type=int, help="over five weeks (default: as many as the log has)")
    forecast.add_argument(
        "--log", type=Path, metavar="FILE.xes[.gz]", help="cases as in a real approvals log"
    )
    forecast.add_argument(
        "--telemetry", action="store_true", help="draw from this instance's last four weeks"
    )
    forecast.add_argument("--workforce", type=Path, help="another workforce.yaml")
    forecast.add_argument("--report", type=Path, metavar="OUT.html")
    forecast.add_argument("--processes", type=int, default=0)


def _commands_of_their_own(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from companyos.cli import readiness, shadow

    shadow.add_arguments(commands)
    readiness.add_arguments(commands)


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 < rate < 1e9:
        raise argparse.ArgumentTypeError("give a number above 0")
    return rate


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    does: Callable[[argparse.Namespace], int],
    purpose: str = "",
) -> argparse.ArgumentParser:
    """Add a command; one without a purpose is ours alone and not listed."""
    parser = commands.add_parser(name, help=purpose) if purpose else commands.add_parser(name)
    parser.set_defaults(command=does)
    _say_where(parser)
    parser.add_argument("--program", type=Path, default=PROGRAM, help="program files (default: program)")
    return parser


def _say_where(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=Path("var"), help="data directory (default: var)")
