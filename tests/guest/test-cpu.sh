#!/bin/sh
# The guests that test the CPU, in every tier: what they say, and that all tiers run the same run.
# Speaks TAP.  By hand, another emulator can be asked:
#   qemu-system-x86_64 -cpu max -kernel GUEST.img -serial stdio -display none -device isa-debug-exit

build=${top_builddir:-.}
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
n=0

# Leaves the output in out, the status in status, and the hash in hash.
run ()  # IMAGE TIER OPTION...
{
  image_=$1 tier_=$2
  shift 2
  timeout 120 "$build/astern" run -kernel "$image_" -nographic -cpu max -device isa-debug-exit,iobase=0xf4,iosize=4 \
    -icount sleep=off -seed 1 -rtc base=2026-01-01T00:00:00 -state-hash -accel "translate,tier=$tier_" "$@" \
    >"$folder/all" 2>&1 </dev/null
  status=$?
  tr -d '\r' <"$folder/all" >"$folder/out"
  hash=$(sed -n 's/.*state-hash //p' "$folder/out")
}

point ()  # NAME COMMAND...
{
  name=$1
  shift
  n=$((n + 1))
  if "$@"; then
    echo "ok $n - $name"
  else
    echo "not ok $n - $name"
  fi
}

# The guest's own points, under its name.
points ()  # GUEST
{
  while IFS= read -r line; do
    case $line in
      'ok '*|'not ok '*)
        n=$((n + 1))
        echo "${line%% [0-9]*} $n - $1: ${line#* - }" ;;
      '# '*)
        echo "$line" ;;
    esac
  done <"$folder/out"
}

for image in "$build"/tests/guest/cpu/*.img; do
  guest=$(basename "$image" .img)
  run "$image" auto
  first=$hash
  points "$guest"
  point "$guest: comes to its end" grep -q '^1\.\.' "$folder/out"
  for tier in one interp; do
    run "$image" "$tier"
    point "$guest: tier $tier runs the same run" [ "$hash" = "$first" ]
  done
  # And in the middle of it, where the last line of output may be half a line.
  middle=$(( $(expr "$first" : '@\([0-9]*\)') * 2 / 3 ))
  run "$image" auto -stop-at "$middle"
  first=$hash
  run "$image" interp -stop-at "$middle"
  point "$guest: two tiers agree at @$middle" [ -n "$hash" -a "$hash" = "$first" ]
done
echo "1..$n"
