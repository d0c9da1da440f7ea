# Sourced by the other scripts: finds a Python that is new enough, makes .venv from requirements.lock, and names it in $PY.
# Usage: EXTRAS="demo postgres node"; . "${0%/*}/environment.sh"
# Uses no program before Python is found: a service manager may start us without a PATH.
PATH=${PATH:-/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin}
export PATH
ROOT=$(CDPATH='' cd -- "${0%/*}/.." && pwd) || exit 1
cd "$ROOT" || exit 1

BASE=
for candidate in "${TANDEM_PYTHON:-}" python3.13 python3.12 python3.11 python3 python; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        BASE=$candidate
        break
    fi
done
if [ -z "$BASE" ]; then
    zh="需要 Python 3.11 或更高版本，本机没有找到；安装后重试，或用 TANDEM_PYTHON 指定它的位置。"
    en="Tandem needs Python 3.11 or newer and found none on this machine; install it, or say where it is in TANDEM_PYTHON."
    case ${LC_ALL:-${LC_MESSAGES:-${LANG:-C}}} in
        C | C.* | POSIX) echo "$zh · $en" >&2 ;;
        zh*) echo "$zh" >&2 ;;
        *) echo "$en" >&2 ;;
    esac
    exit 3
fi
"$BASE" script/environment.py $EXTRAS || exit $?
PY="$ROOT/.venv/bin/python"
