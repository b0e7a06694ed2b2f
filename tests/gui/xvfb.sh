# Read by the scripts beside it that need an X server of their own.

# start_xvfb FILE SIZE: its process is $server, the number of its display, which nobody had, is in FILE.
start_xvfb ()
{
  Xvfb -displayfd 3 -screen 0 "$2" -nolisten tcp 3>"$1" >/dev/null 2>&1 &
  server=$!
  tries=240                   # a minute: a loaded machine is slow
  while [ ! -s "$1" ] && [ $tries -gt 0 ]; do
    kill -0 $server 2>/dev/null || break
    tries=$((tries - 1))
    sleep 0.25
  done
  [ -s "$1" ] || { echo "Bail out! Xvfb did not start"; exit 99; }
}
