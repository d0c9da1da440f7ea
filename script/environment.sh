# Sourced by the other scripts: finds a Python that is new enough, makes .venv from requirements.lock, and names it in $PY.
# Usage: EXTRAS="demo postgres node"; . "$(dirname "$0")/environment.sh"
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 1
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
    echo "需要 Python 3.11 或更高版本，本机没有找到。 · Tandem needs Python 3.11 or newer and found none on this machine." >&2
    exit 3
fi
"$BASE" script/environment.py $EXTRAS || exit $?
PY="$ROOT/.venv/bin/python"
