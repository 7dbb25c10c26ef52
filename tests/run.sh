# Sourced by ./physintuition test: sets up, builds, runs every test program, prints one summary line.

test_usage() {
  cat <<'TEXT'
./physintuition test [PROJECT...]
  runs every test project, or those whose name contains one of the words given, for example:
  ./physintuition test Simulation Rendering

./physintuition test --clients
  runs what belongs to the clients: each language's own tests, and the recorded conversations in every language

./physintuition test --load [--minutes M] [--sessions N] [--at-once N] [--json FILE]
  a server among careful, careless and hostile clients, restarted once; 10 minutes unless told otherwise

./physintuition test --replicas [--seconds S] [--json FILE]
  two servers behind nginx, one of them killed under load

./physintuition test --cluster [--minutes M] [--clients N] [--think MS] [--json FILE]
  three servers of a cluster behind nginx, each in a network namespace of its own where this process may make one:
  killed, cut off, slowed, frozen, upgraded, their clock set, their Redis killed and its disk filled; 10 minutes, 200
  clients in five languages unless told otherwise

./physintuition test --jobs [--moments N] [--seed S] [--only JOB] [--json FILE]
  export, evaluation, held-out run and training, each killed at ten random moments, and the server that they talk to

./physintuition test --fuzz [--inputs N] [--seed S]
  nearly good inputs for every parser; a million from a new seed unless told otherwise
TEXT
}

fuzz() {
  local inputs=1000000 seed=$((RANDOM * 32768 + RANDOM))
  while [ $# -gt 0 ]; do
    case "$1" in
      --inputs) inputs="${2:?}"; shift 2 ;;
      --seed) seed="${2:?}"; shift 2 ;;
      *) wrong_usage "test --fuzz has no option '$1'; see ./physintuition test --help" ;;
    esac
  done
  local project status=0
  for project in PhysIntuition.Server.Tests PhysIntuition.Vlm.Tests; do
    build "tests/$project/$project.csproj"
    FUZZ_INPUTS="$inputs" FUZZ_SEED="$seed" \
      dotnet "$bin/$project/release/$project.dll" -noColor -noLogo -class '*FuzzTests' || status=1
  done
  return "$status"
}

run_cluster() { # run_cluster OPTION...: in a network of its own, where that may be had
  local own=()
  if unshare --net true 2>/dev/null; then
    own=(unshare --net)
  elif unshare --map-current-user --keep-caps --net true 2>/dev/null; then
    own=(unshare --map-current-user --keep-caps --net)
  else
    say "This process may not make network namespaces ($(unshare --net true 2>&1 || true)):" \
      "the network between servers is neither cut nor slowed."
  fi
  "${own[@]}" dotnet "$bin/PhysIntuition.Benchmarks/release/PhysIntuition.Benchmarks.dll" cluster --check \
    ${own:+--own-network} "$@"
}

case "${1:-}" in
  --help | -h) test_usage; exit 0 ;;
  --clients) set -- Client.Tests clients/ ;;
  --replicas)
    shift
    apt_need nginx-light
    command_bench replicas --check "$@"
    exit
    ;;
  --cluster) # long; a short version is part of the plain run
    shift
    apt_need iproute2 nginx-light redis-server
    setup_clients
    build tests/PhysIntuition.Benchmarks/PhysIntuition.Benchmarks.csproj
    cd "$caller"
    run_cluster "$@"
    exit
    ;;
  --jobs)
    shift
    command_bench jobs --check "$@"
    exit
    ;;
  --fuzz)
    shift
    fuzz "$@"
    exit
    ;;
  --load) # long; a short version is part of the plain run
    shift
    command_bench load --check "$@"
    exit
    ;;
  -*) wrong_usage "test has no option '$1'; see ./physintuition test --help" ;;
esac

setup_tests() {
  if [ "$*" = "Client.Tests clients/" ]; then
    build tests/PhysIntuition.Client.Tests/PhysIntuition.Client.Tests.csproj
    setup_clients
    return 0
  fi
  need_dotnet
  forget_another_place
  build PhysIntuition.sln & # the other languages build meanwhile, and fetch what they need
  local building=$!
  setup_languages
  apt_need git iproute2 nginx-light postgresql redis-server unicode-data libturbojpeg0 g++ pocl-opencl-icd python3-yaml
  need_packagers
  setup_rivals
  setup_pages
  npm_ci tests/PhysIntuition.Vlm.Tests/npm # the full Qwen2 vocabulary
  npm_ci tests/PhysIntuition.Server.Tests/npm # what Envoy and Kubernetes take
  npm_ci tests/PhysIntuition.Trainer.Tests/npm # OpenAI's own client, for hosted models
  apt_need curl openmpi-bin
  wait "$building" || exit 1
  setup_server
  setup_embedded
}

wanted() { # wanted PROJECT WORD...
  local project="$1" word
  shift
  [ $# -eq 0 ] && return 0
  for word in "$@"; do [[ "$project" == *"$word"* ]] && return 0; done
  return 1
}

passed=0 failed=0 skipped=0 broken=()
failures="$logs/failures.log" # told at the end, where they are seen
mkdir -p "$logs" && : >"$failures"

run_project() { # adds to the totals; a crash counts as a failure
  local project="$1" log="$logs/test-$1.log" total
  say "== $project"
  local status=0
  dotnet "$bin/$project/release/$project.dll" -noColor -noLogo >"$log" 2>&1 || status=$?
  total="$(grep -E '^ +[^ ]+ +Total: [0-9]+' "$log" | tail -1 || true)"
  count() { grep -oE "$1: [0-9]+" <<<"$total" | grep -oE '[0-9]+' || echo 0; }
  if [ -z "$total" ]; then
    { echo "-- $project ended before its summary"; tail -30 "$log"; } >>"$failures"
    failed=$((failed + 1)) broken+=("$project")
    return 0
  fi
  local bad=$(($(count Failed) + $(count Errors))) skips
  skips="$(count Skipped)"
  failed=$((failed + bad)) skipped=$((skipped + skips))
  passed=$((passed + $(count Total) - $(count Failed) - skips - $(count 'Not Run')))
  grep -E '\[SKIP\]|^ +Skip' "$log" | head -20 >&2 || true
  if [ "$bad" -gt 0 ] || [ "$status" -ne 0 ]; then
    { echo "-- $project"; grep -F -A 14 '[FAIL]' "$log" || tail -30 "$log"; } >>"$failures"
    [ "$bad" -gt 0 ] || failed=$((failed + 1))
    broken+=("$project")
  fi
  say "   ${total## }"
}

setup_tests "$@"
for project in "$root"/tests/*.Tests; do
  project="$(basename "$project")"
  wanted "$project" "$@" && run_project "$project"
done

# A part that is not a test project: its last line says "N passed, N failed, N skipped".
run_part() { # run_part NAME PROGRAM...
  local name="$1" log last status=0
  log="$logs/test-${1//\//-}.log"
  shift
  say "== $name"
  "$@" >"$log" 2>&1 || status=$?
  last="$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -1 || true)"
  read -r good _ bad _ skips _ <<<"${last:-0 passed, 0 failed, 0 skipped}"
  if [ "$status" -ne 0 ]; then
    # What failed may be far above the end, as in TAP.
    { echo "-- $name"; grep -E -A 25 '^ *not ok|^FAILED|^FAIL' "$log" | head -100; tail -60 "$log"; } >>"$failures" || true
    [ "$bad" -gt 0 ] || bad=1
    broken+=("$name")
  fi
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + skips))
  say "   $good passed, $bad failed, $skips skipped"
}

for part in "$root"/clients/*/tests/run; do
  language="$(basename "$(dirname "$(dirname "$part")")")"
  wanted "clients/$language" "$@" && run_part "clients/$language" "$part"
done
if wanted clients/conformance "$@"; then
  run_part clients/conformance "$root/clients/conformance/run" --strict
  cat "$logs/test-clients-conformance.log" >&2
fi
if wanted packages "$@"; then run_part packages "$root/packaging/try-packages"; fi
if wanted pages "$@"; then run_part pages "$root/tests/pages/run"; fi

# A part that prints figures, and exits with 1 where one misses its mark.
run_bench() { # run_bench AREA OPTION...
  local program="$bin/PhysIntuition.Benchmarks/release/PhysIntuition.Benchmarks.dll"
  dotnet "$program" "$@" --check && echo "1 passed, 0 failed, 0 skipped"
}

# What a newcomer runs first: the demonstration, and a game in the terminal.
run_demo() {
  local program="$bin/PhysIntuition.Evaluation/release/PhysIntuition.Evaluation.dll" output="$root/artifacts/demo" passed=0
  rm -rf "$output"
  dotnet "$program" demo --episodes 4 --scenes 2 --output "$output" &&
    [ -s "$output/sheet.png" ] && [ -s "$output/index.html" ] && passed=$((passed + 1))
  printf 'yes\nno\n' | dotnet "$program" play Stability-v1 --episodes 2 --pictures "$output" |
    grep 'Mean reward over 2 episodes' && [ -s "$output/Stability-v1-1-after.png" ] && passed=$((passed + 1))
  echo "$passed passed, $((2 - passed)) failed, 0 skipped"
  [ "$passed" -eq 2 ]
}

if wanted demo "$@"; then run_part demo run_demo; fi
if wanted load "$@"; then run_part load run_bench load --minutes 0.25 --sessions 1024; fi
cluster_briefly() { run_cluster --minutes 0 --clients 12 --think 20 && echo "1 passed, 0 failed, 0 skipped"; }
if wanted cluster "$@"; then run_part cluster cluster_briefly; fi

if [ ${#broken[@]} -gt 0 ]; then
  cut -c1-300 "$failures" >&2
  say "Failing: ${broken[*]}; logs are in $logs."
fi
[ $((passed + failed)) -gt 0 ] || wrong_usage "no test project matches: $*"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
