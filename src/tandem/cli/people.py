"""`tandem tenant` and `tandem user`: a first company and its first people, before anybody can sign in to make more."""

import sys
from typing import Annotated

import typer

from tandem.cli.talk import say

tenant_app = typer.Typer(help="企业 · Companies.", no_args_is_help=True)
user_app = typer.Typer(help="人员 · People who sign in.", no_args_is_help=True)

FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="从标准输入读取密码 · Read the password from standard input.")
]


@tenant_app.command("add")
def add_tenant(
    code: Annotated[str, typer.Argument(help="企业代码，如 acme · A short code, such as acme.")],
    admin: Annotated[str, typer.Option(help="管理员登录名 · The administrator's log-in name.")],
    name: Annotated[str, typer.Option(help="企业名称 · The company's name.")] = "",
    zone: Annotated[str, typer.Option(help="时区 · Time zone.")] = "Asia/Shanghai",
    currency: Annotated[str, typer.Option(help="货币 · Currency.")] = "CNY",
    language: Annotated[str, typer.Option(help="zh | en")] = "zh",
    password_stdin: FromStdin = False,
) -> None:
    """新建企业及其管理员 · Make a company with its administrator."""
    from tandem.access.service import assign_role, create_tenant, create_user
    from tandem.cli.database import addresses, read_settings
    from tandem.kernel.crypto import MasterKey
    from tandem.kernel.db import begin, connect

    password = asked_password(from_stdin=password_stdin)
    master = MasterKey(read_settings().master_key_bytes())
    with addresses() as database, connect(database.owner) as connection:
        tenant = create_tenant(
            connection, master, code=code, name=name or code, zone=zone, currency=currency, language=language
        )
        tx = begin(connection, tenant=tenant)
        assign_role(tx, create_user(tx, login=admin, name=admin, password=password), "admin")
    say(f"已创建企业 {code}，管理员 {admin}。", f"Made the company {code} with the administrator {admin}.")


@user_app.command("add")
def add_user(
    tenant: Annotated[str, typer.Argument(help="企业代码 · The company's code.")],
    login: Annotated[str, typer.Argument(help="登录名 · The log-in name.")],
    role: Annotated[str, typer.Option(help="角色代码 · The role's code.")],
    name: Annotated[str, typer.Option(help="姓名 · The person's name.")] = "",
    password_stdin: FromStdin = False,
) -> None:
    """新增人员 · Add a person with a role over the whole company; narrower scopes are set on the settings screen."""
    from tandem.access.service import assign_role, create_user
    from tandem.cli.database import addresses
    from tandem.kernel.db import begin, connect
    from tandem.kernel.errors import NotFound

    password = asked_password(from_stdin=password_stdin)
    with addresses() as database, connect(database.owner) as connection:
        found = connection.execute("select id from tenant where code = %s", (tenant,)).fetchone()
        if found is None:
            raise NotFound("no_such_tenant", f"没有企业 {tenant}。", f"There is no company {tenant}.")
        tx = begin(connection, tenant=found[0])
        assign_role(tx, create_user(tx, login=login, name=name or login, password=password), role)
    say(f"已新增 {login}。", f"Added {login}.")


def asked_password(*, from_stdin: bool) -> str:
    """Return the password: from standard input for scripts, else asked twice without showing it."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt("密码 · Password", hide_input=True, confirmation_prompt=True))
