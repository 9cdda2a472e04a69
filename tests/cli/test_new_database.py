"""A new database is what an old one becomes by every migration."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_TABLES = """
import json, re, sys
from pathlib import Path
from companyos.cli.ground import use_django
use_django(Path(sys.argv[1]))
from companyos.platform.new_database import is_new, make_every_table
from django.core.management import call_command
from django.db import connection
assert is_new()
if sys.argv[2] == "at once":
    make_every_table()
call_command("migrate", verbosity=0, interactive=False)
told = {}
with connection.cursor() as cursor:
    look = connection.introspection
    for table in look.table_names(cursor):
        columns = look.get_table_description(cursor, table)
        rules = look.get_constraints(cursor, table)
        told[table] = [
            sorted([c.name, str(c.type_code), c.null_ok, c.default] for c in columns),
            sorted(json.dumps(["" if re.search("_[0-9]+_*$", name) else name, rule]) for name, rule in rules.items()),
        ]
    cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
    told["steps"] = [list(row) for row in cursor.fetchall()]
print(json.dumps(told))
"""


def tables(data: Path, way: str) -> Any:
    told = subprocess.run(
        [sys.executable, "-c", _TABLES, str(data), way], check=True, capture_output=True, text=True
    )
    return json.loads(told.stdout)


def test_made_at_once_it_has_the_same_tables_columns_rules_and_steps(tmp_path: Path) -> None:
    at_once, step_by_step = tables(tmp_path / "a", "at once"), tables(tmp_path / "b", "step by step")
    assert at_once.keys() == step_by_step.keys()
    for table, described in at_once.items():
        assert described == step_by_step[table], table
