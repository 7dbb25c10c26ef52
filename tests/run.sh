# Sourced by ./physintuition test: sets up, builds, runs every test program, prints one summary line.

test_usage() {
  cat <<'TEXT'
./physintuition test [PROJECT...]
  runs every test project, or those whose name contains one of the words given, for example:
  ./physintuition test Simulation Rendering
TEXT
}

case "${1:-}" in
  --help | -h) test_usage; exit 0 ;;
  -*) wrong_usage "test has no option '$1'; see ./physintuition test --help" ;;
esac

setup_tests() {
  apt_need git postgresql unicode-data libturbojpeg0
  setup_peers
  setup_rivals
  setup_torch
  npm_ci tests/PhysIntuition.Vlm.Tests/npm # the full Qwen2 vocabulary
  build PhysIntuition.sln
}

wanted() { # wanted PROJECT WORD...
  local project="$1" word
  shift
  [ $# -eq 0 ] && return 0
  for word in "$@"; do [[ "$project" == *"$word"* ]] && return 0; done
  return 1
}

passed=0 failed=0 skipped=0 broken=()

run_project() { # adds to the totals; a crash counts as a failure
  local project="$1" log="$logs/test-$1.log" total
  say "== $project"
  local status=0
  dotnet "$bin/$project/release/$project.dll" -noColor -noLogo >"$log" 2>&1 || status=$?
  total="$(grep -E '^ +[^ ]+ +Total: [0-9]+' "$log" | tail -1 || true)"
  count() { grep -oE "$1: [0-9]+" <<<"$total" | grep -oE '[0-9]+' || echo 0; }
  if [ -z "$total" ]; then
    tail -30 "$log" >&2
    failed=$((failed + 1)) broken+=("$project")
    return 0
  fi
  local bad=$(($(count Failed) + $(count Errors))) skips
  skips="$(count Skipped)"
  failed=$((failed + bad)) skipped=$((skipped + skips))
  passed=$((passed + $(count Total) - $(count Failed) - skips - $(count 'Not Run')))
  grep -E '\[SKIP\]|^ +Skip' "$log" | head -20 >&2 || true
  if [ "$bad" -gt 0 ] || [ "$status" -ne 0 ]; then
    grep -vE '^\s+at (InvokeStub|System\.)' "$log" | head -80 >&2
    [ "$bad" -gt 0 ] || failed=$((failed + 1))
    broken+=("$project")
  fi
  say "   ${total## }"
}

setup_tests
for project in "$root"/tests/*.Tests; do
  project="$(basename "$project")"
  wanted "$project" "$@" && run_project "$project"
done

if wanted clients.python "$@" && [ -d "$root/clients/python/tests" ]; then
  setup_server
  say "== clients/python"
  log="$logs/test-python.log"
  status=0
  (cd "$root/clients/python" && "$python" -m unittest discover -s tests -t . -v) >"$log" 2>&1 || status=$?
  ran="$(sed -n 's/^Ran \([0-9]*\) tests.*/\1/p' "$log" | tail -1)"
  bad="$(grep -E '^FAILED \(' "$log" | grep -oE '(failures|errors)=[0-9]+' | cut -d= -f2 | paste -sd+ || true)"
  bad=$((${bad:-0}))
  skips="$(grep -oE 'skipped=[0-9]+' "$log" | tail -1 | cut -d= -f2 || true)"
  if [ "$status" -ne 0 ]; then
    tail -60 "$log" >&2
    [ "$bad" -gt 0 ] || bad=1
    failed=$((failed + bad)) broken+=(clients/python)
  fi
  passed=$((passed + ${ran:-0} - bad - ${skips:-0})) skipped=$((skipped + ${skips:-0}))
  say "   Ran ${ran:-no} tests"
fi

[ ${#broken[@]} -eq 0 ] || say "Failing: ${broken[*]}; logs are in $logs."
[ $((passed + failed)) -gt 0 ] || wrong_usage "no test project matches: $*"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
