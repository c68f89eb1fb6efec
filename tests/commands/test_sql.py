"""`precision sql`: answers for people and programs, refusals that do not end it, and nothing that it could change."""

import csv
import io
import json
import os
import pty
import select
import stat
import subprocess
import sys
import time

import pytest

from commands import sql
from tests.activation import tiny_plan
from tests.activation.tiny_plan import contact
from warehouse import paths


@pytest.fixture
def ask(call, versions):
    """`ask("select 1", "--json")`: one statement to the published shop."""
    return lambda statement, *more: call("sql", "--shop", "tiny", "--command", statement, *more)


def test_json_has_types_that_a_program_expects(ask):
    done = ask(
        "select as_of, user_id, discount_rate, null as nothing, 'nan'::double as n, [date '2024-01-01'] as days, "
        "{'a': 1.5::decimal(9, 2)} as packed, timestamp '2024-01-01 10:00' as at, true as yes, 'ü' as letter "
        "from fct_audience order by user_id",
        "--json",
    )
    assert done.stderr == ""
    first, second = json.loads(done.stdout)
    assert first == {
        "as_of": "2026-01-05", "user_id": "u1", "discount_rate": 0.1, "nothing": None, "n": None,
        "days": ["2024-01-01"], "packed": {"a": 1.5}, "at": "2024-01-01T10:00:00", "yes": True, "letter": "ü",
    }  # fmt: skip
    assert second["user_id"] == "u2"


def test_no_rows_are_still_json_and_csv(ask):
    assert json.loads(ask("select * from marts.dim_customer", "--json").stdout) == []
    assert ask("select * from marts.dim_customer", "--csv").stdout.splitlines() == ["user_id,user_timezone"]


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_becomes_a_formula_and_numbers_stay_numbers(ask, beginning):
    text = f"{beginning}1+1".replace("\t", "' || chr(9) || '").replace("\r", "' || chr(13) || '")
    done = ask(f"select '{text}' as t, -5 as n, -1.50::decimal(9, 2) as d, null as missing, 'a,\"b' as q", "--csv")
    rows = list(csv.reader(io.StringIO(done.stdout, newline="")))
    assert rows == [["t", "n", "d", "missing", "q"], [f"'{beginning}1+1", "-5", "-1.50", "", 'a,"b']]


def test_a_table_says_how_many_rows_it_leaves_out(ask):
    said = ask("select i from range(10045) as t(i)").stdout
    assert said.splitlines()[-1] == "10,005 more rows"
    assert [line.strip() for line in said.splitlines()[1:-1]] == [str(n) for n in range(40)]


def test_rows_too_wide_for_the_screen_stand_one_below_another(ask):
    columns = ", ".join(f"'{'x' * 30}' as a_long_name_{n}" for n in range(12))
    said = ask(f"select {columns} from range(5)").stdout
    assert said.count("a_long_name_0 ") == 3 and said.splitlines()[-1] == "2 more rows"  # 40 lines hold three


def test_brackets_of_an_answer_are_not_markup(ask):
    assert "[red]x[/red]" in ask("select '[red]x[/red]' as a").stdout


def test_a_pipe_goes_on_after_a_wrong_statement_and_tells_at_the_end(call, versions):
    done = call("sql", "--shop", "tiny", input="select 41 + 1 as a;\nselec 2;\n-- a comment; only\nselect 'x;y' as b")
    assert done.exit_code == 1
    assert "42" in done.stdout and "x;y" in done.stdout
    assert "selec" in done.stderr


def test_programs_get_one_answer_or_none(call, ask, versions):
    done = call("sql", "--shop", "tiny", "--json", input="select 1; select 2")
    assert done.exit_code == 1 and done.stdout == "" and "there are 2" in done.stderr
    assert ask("select 1 as a, 2 as a", "--json").exit_code == 1
    assert ask("select 1", "--json", "--csv").exit_code == 2
    assert ask("selec 1", "--json").stdout == ""


def test_an_older_version_can_be_asked(call, versions):
    ask = ["sql", "--shop", "tiny", "--json", "--command", "select distinct as_of from marts.fct_audience"]
    assert json.loads(call(*ask, "--version", versions[0]).stdout) == [{"as_of": "2026-01-04"}]
    assert json.loads(call(*ask).stdout) == [{"as_of": "2026-01-05"}]
    assert call(*ask, "--version", "../../etc").exit_code == 1


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("select 1", ["select 1"]),
        ("select 1;", ["select 1"]),
        (";;\n;", []),
        ("", []),
        (
            "select ';' as a; select $$;$$; select 2 /* ; */ + 1;",
            ["select ';' as a", "select $$;$$", "select 2 /* ; */ + 1"],
        ),
        ("select 1 as \"ä;ö\"; select 'ü';select 3", ['select 1 as "ä;ö"', "select 'ü'", "select 3"]),
    ],
)
def test_statements_end_where_duckdb_ends_them(text, statements):
    assert list(sql.complete_statements(text)) == statements


def test_the_prompt_keeps_to_one_version_and_to_what_was_typed(versions, home):
    """On a real terminal: statements over several lines, mistakes, commands, a version published meanwhile."""
    shop = tiny_plan.shop()
    terminal, other = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, str(paths.REPOSITORY / "precision.py"), "sql", "--shop", "tiny"],
        stdin=other, stdout=other, stderr=other, env={**os.environ, "TERM": "dumb", "COLUMNS": "120"},
    )  # fmt: skip
    os.close(other)
    said = until(terminal, "tiny> ")
    assert f"version {versions[1]}" in said
    tiny_plan.publish(shop, [contact("u9", as_of=tiny_plan.AS_OF.replace(day=9))])

    def type_line(line: str, prompt: str = "tiny> ") -> str:
        os.write(terminal, f"{line}\n".encode())
        return until(terminal, prompt)

    assert "Error" in type_line("selec 1;")
    assert "2026-01-05" in type_line("select max(as_of) from marts.fct_audience;")
    type_line("select", "...> ")
    type_line("  40 + 2 as", "...> ")
    assert "42" in type_line("  answer; select 'second' as s;")
    assert "dim_item" in type_line(".tables")
    assert "VARCHAR" in type_line(".schema marts.dim_item")
    assert "there is no mart 'x'' or 1=1'" in type_line(".schema x''_or_1=1").replace("_", " ")
    os.write(terminal, b".quit\n")
    assert process.wait(30) == 0
    os.close(terminal)
    history = home / "sql_history"
    assert "select max(as_of) from marts.fct_audience;" in history.read_text()
    assert stat.S_IMODE(history.stat().st_mode) == 0o600


def until(terminal: int, ending: str, seconds: float = 60) -> str:
    """What the terminal shows until it shows `ending` last."""
    said, deadline = "", time.monotonic() + seconds
    while not said.endswith(ending):
        assert time.monotonic() < deadline, said
        if select.select([terminal], [], [], 1)[0]:
            said += os.read(terminal, 65536).decode()
    return said
