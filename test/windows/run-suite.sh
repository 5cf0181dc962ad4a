#!/usr/bin/env bash
# Runs the package on the Windows build of Node.js under Wine, on the bench that lies beside the repository; without
# bench or Wine it says so and passes. The bench is made once (25 s, 1.6 GB with Wine itself) and kept.
set -euo pipefail
cd "$(dirname "$0")/../.."

scripts=$(cd ../shared/windows-bench 2>/dev/null && pwd) || scripts=""
if [[ -z $scripts ]]; then
  echo "test:windows is skipped: there is no bench in ../shared/windows-bench"
  exit 0
fi
if ! command -v wine >/dev/null || ! command -v xvfb-run >/dev/null; then
  echo "test:windows is skipped: it needs Wine (apt-get install --no-install-recommends wine wine64 xvfb xauth)"
  exit 0
fi
bench=${WINDOWS_BENCH:-${TMPDIR:-/tmp}/sage-slack-windows-bench}
"$scripts/setup.sh" "$bench" 20
export WINDOWS_BENCH=$bench WINDOWS_BENCH_SCRIPTS=$scripts
code=0
npx vitest run --project windows "$@" || code=$?
WINEPREFIX="$bench/prefix" wineserver -k || true # none is left when its last program ended long ago
exit $code
