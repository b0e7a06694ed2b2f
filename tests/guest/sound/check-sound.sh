#!/bin/sh
# Sound with a real guest: Debian's kernel and ALSA's programs play a tone by each card into a WAV file, whose frequency
# and length are counted; record what a sound server says; are replayed to the same hash.  A PulseAudio of our own hears
# and says.  Speaks TAP; the last line counts.
#   check-sound.sh FOLDER TONE.PY [PATTERN]     only tests whose names match; FOLDER keeps what was fetched and made
#
# Needs apt-get, cpio, a static busybox and python3; pulseaudio and pulseaudio-utils for the server.

folder=$1 tone=$2 only=${3-}
astern=${top_builddir:-.}/astern
mkdir -p "$folder" && folder=$(cd "$folder" && pwd) || exit 99
scratch=$(mktemp -d) || exit 99
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$scratch"' EXIT
n=0 passed=0 failed=0

fail () { echo "Bail out! $*"; exit 99; }
why () { echo "$*" >>"$scratch/why"; return 1; }

# --- guest --------------------------------------------------------------------------

modules="soundcore snd snd-timer snd-pcm ac97_bus snd-ac97-codec snd-intel8x0 snd-hwdep snd-intel-sdw-acpi snd-intel-dspcfg
  snd-hda-core snd-hda-codec ledtrig-audio snd-hda-codec-generic snd-hda-intel i8253 pcspkr"

fetch ()
{
  [ -f "$folder/vmlinuz" ] && [ -d "$folder/alsa" ] && return
  package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  (cd "$folder" && apt-get -q download "$package" alsa-utils libasound2 libasound2-data libc6 >download.log 2>&1 &&
    dpkg-deb -x "$package"_*.deb kernel && cp kernel/boot/vmlinuz-* vmlinuz &&
    for p in alsa-utils libasound2 libasound2-data libc6; do dpkg-deb -x "$p"_*.deb alsa || exit; done &&
    rm -f ./*.deb) || fail "cannot fetch Debian's packages; see $folder/download.log"
}

make_guest ()
{
  root=$scratch/root
  mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/modules" "$root/usr/share" "$root/lib" "$root/lib64"
  cp "$(command -v busybox)" "$root/bin/busybox"
  for a in $(busybox --list); do [ "$a" = busybox ] || ln -sf busybox "$root/bin/$a"; done
  cp "$folder"/alsa/usr/bin/aplay "$folder"/alsa/usr/bin/amixer "$root/bin/"
  ln -s aplay "$root/bin/arecord"
  cp -r "$folder/alsa/usr/share/alsa" "$root/usr/share/"
  for l in libasound.so.2 libc.so.6 libm.so.6 ld-linux-x86-64.so.2; do
    cp -L "$(find "$folder/alsa/" -name "$l" | head -n 1)" "$root/lib/"
  done
  cp "$root/lib/ld-linux-x86-64.so.2" "$root/lib64/"
  for m in $modules; do
    file=$(find "$folder/kernel/lib/modules/" -name "$m.ko" | head -n 1)
    [ -z "$file" ] || cp "$file" "$root/modules/"
  done
  python3 "$tone" make "$root/tone.wav" 440 2
  cat >"$root/init" <<END
#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp
for m in $(echo $modules); do [ ! -f /modules/\$m.ko ] || insmod /modules/\$m.ko 2>/dev/null; done
END
  cat >>"$root/init" <<'END'
export LD_LIBRARY_PATH=/lib
for w in $(cat /proc/cmdline); do case $w in what=*) eval "$w";; esac; done
for i in 1 2 3 4 5 6 7 8 9 10; do [ -e /dev/snd/controlC0 ] && break; sleep 0.2; done
echo "CARD $(sed -n 's/.*\]: //p' /proc/asound/cards)"
for c in Master PCM Capture Mic Line; do amixer -q -c 0 sset $c 100% unmute cap 2>/dev/null || amixer -q -c 0 sset $c 100% unmute 2>/dev/null; done
case $what in
*play*) aplay -q -D hw:0,0 /tone.wav && echo PLAYED ;;
esac
case $what in
*record*) arecord -q -D hw:0,0 -f S16_LE -r 48000 -c 2 -d 1 /tmp/heard.wav && echo RECORDED && base64 /tmp/heard.wav | sed 's/^/WAV /' ;;
esac
case $what in
*beep*)
  # The kernel's own beep: a bell for the console goes to pcspkr.
  printf '\033[10;880]\033[11;1000]\a' >/dev/tty1; sleep 1.3; echo BEEPED ;;
esac
echo DONE; poweroff -f
END
  chmod +x "$root/init"
  (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 | gzip -1n) >"$folder/sound.cpio.gz"
}

# --- the host's side ----------------------------------------------------------------

# A server with a sink that goes nowhere, whose sound can be recorded, and a source that says 600 Hz.
start_server ()
{
  command -v pulseaudio >/dev/null && command -v parec >/dev/null || return
  mkdir -p "$scratch/home"
  HOME=$scratch/home XDG_RUNTIME_DIR=$scratch/home pulseaudio --daemonize=no --exit-idle-time=-1 --use-pid-file=no --disable-shm -n \
    -L "module-native-protocol-unix socket=$scratch/pulse auth-anonymous=1" \
    -L 'module-null-sink sink_name=out rate=48000' -L 'module-sine-source source_name=voice frequency=600' >"$scratch/pulse.log" 2>&1 &
  server=$!
  for i in $(seq 100); do [ -S "$scratch/pulse" ] && return; sleep 0.1; done
  fail "PulseAudio does not start: $(cat "$scratch/pulse.log")"
}

# --- running ------------------------------------------------------------------------

linux ()  # 'WORDS FOR THE KERNEL' OPTION...
{
  words=$1
  shift
  timeout 900 "$astern" run -m 256 -kernel "$folder/vmlinuz" -initrd "$folder/sound.cpio.gz" \
    -append "console=ttyS0 quiet panic=-1 $words" -nographic -no-reboot "$@" >"$scratch/out" 2>"$scratch/err"
}

says () { tr -d '\r' <"$scratch/out" | grep -q -e "$1" || why "never said: $1"; }
hears () { python3 "$tone" is "$@" >>"$scratch/why" 2>&1 || why "that is not the tone of $2 Hz"; }
recorded () { tr -d '\r' <"$scratch/out" | sed -n 's/^WAV //p' | base64 -d >"$scratch/heard.wav"; }

plays ()  # OPTION...
{
  rm -f "$scratch/a.wav"
  linux what=play -audiodev "wav,id=snd,path=$scratch/a.wav,out.frequency=48000" "$@" -icount sleep=off || return
  says PLAYED && says DONE && hears "$scratch/a.wav" 440 1.99 2.01
}

replays ()  # OPTION...
{
  rm -f "$scratch/run.astern"
  linux what=play-record -audiodev "pa,id=snd,server=unix:$scratch/pulse,in.name=voice,out.name=out" "$@" \
    -record "$scratch/run.astern" -state-hash || return
  says PLAYED && says RECORDED && recorded && hears "$scratch/heard.wav" 600 0.5 1.1 || return
  was=$(grep -h state-hash "$scratch/out" "$scratch/err")
  now=$(timeout 900 "$astern" replay "$scratch/run.astern" -state-hash -audiodev "wav,id=snd,path=$scratch/again.wav" 2>&1 | grep -a state-hash)
  [ -n "$was" ] && [ "$was" = "$now" ] || why "the run: $was; the replay: $now"
  hears "$scratch/again.wav" 440 1.99 2.01
}

# What the server has room for is what a guest plays that is neither late nor early.
reaches_a_server ()  # OPTION...
{
  parec -s "unix:$scratch/pulse" -d out.monitor --format=s16le --rate=48000 --channels=2 --file-format=wav "$scratch/server.wav" &
  recorder=$!
  linux what=play -audiodev "pa,id=snd,server=unix:$scratch/pulse,out.name=out" "$@"
  done=$?
  sleep 1
  kill $recorder
  wait $recorder
  [ $done -eq 0 ] && says PLAYED && hears "$scratch/server.wav" 440 0.5 3
}

beeps ()
{
  rm -f "$scratch/a.wav"
  linux what=beep -audiodev "wav,id=snd,path=$scratch/a.wav" -machine pcspk-audiodev=snd -icount sleep=off &&
    says BEEPED && hears "$scratch/a.wav" 880 0.9 1.1
}

check ()  # NAME COMMAND...
{
  name=$1
  shift
  printf '%s\n' "$name" | grep -qE -e "$only" || return 0
  n=$((n + 1))
  : >"$scratch/why"
  : >"$scratch/out"
  begun=$(date +%s)
  if "$@"; then
    passed=$((passed + 1))
    echo "ok $n - $name ($(($(date +%s) - begun)) s; $(tail -n 1 "$scratch/why"))"
  else
    failed=$((failed + 1))
    echo "not ok $n - $name"
    cat "$scratch/why" "$scratch/err" | sed 's/^/# /'
    tail -n 10 "$scratch/out" | cut -c1-200 | sed 's/^/# /'
  fi
}

fetch
make_guest
start_server

check 'Linux beeps by the loudspeaker' beeps
for card in '-device AC97,audiodev=snd' '-device intel-hda -device hda-duplex,audiodev=snd' \
            '-machine q35 -device ich9-intel-hda -device hda-output,audiodev=snd' \
            '-device intel-hda -device hda-micro,audiodev=snd,mixer=off'; do
  check "Linux plays by $card" plays $card
done
if [ -n "$server" ]; then
  for card in '-device AC97,audiodev=snd' '-device intel-hda -device hda-duplex,audiodev=snd'; do
    check "a run that plays and records by $card is replayed" replays $card
    check "a sound server hears $card" reaches_a_server $card
  done
else
  echo '# pulseaudio is not installed: no sound server hears anything'
fi
echo "1..$n"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
