#!/usr/bin/env python3
"""Tones in WAV files, of 16 bits and two channels.

  tone.py make FILE HZ SECONDS        writes one
  tone.py is FILE HZ LEAST MOST       fails, and says why, unless that is what one hears for LEAST to MOST seconds
"""
import array
import math
import sys
import wave

RATE = 48000
LOUD = 1000          # a sample that is heard


def make(path, hz, seconds):
    samples = array.array('h')
    for i in range(int(RATE * seconds)):
        samples.extend([int(12000 * math.sin(2 * math.pi * hz * i / RATE))] * 2)
    with wave.open(path, 'wb') as out:
        out.setparams((2, 2, RATE, 0, 'NONE', ''))
        out.writeframes(samples.tobytes())


def hear(path):
    """Its frequency, by the middle one of all periods, and how long it is heard."""
    data = open(path, 'rb').read()
    rate = int.from_bytes(data[24:28], 'little')
    body = data[data.index(b'data') + 8:]
    left = array.array('h', body[:len(body) // 4 * 4])[::2]
    loud = [i for i, sample in enumerate(left) if abs(sample) > LOUD]
    if not loud:
        return 0, 0
    rises = []
    for i in range(1, len(left)):
        if left[i - 1] < 0 <= left[i]:      # between two samples: where the line is zero
            rises.append(i - left[i] / (left[i] - left[i - 1]))
    periods = sorted(b - a for a, b in zip(rises, rises[1:]))
    if not periods:
        return 0, len(loud) / rate
    # Silence is not heard, but what lies between two loud samples of a tone is.
    gaps = sum(b - a - 1 for a, b in zip(loud, loud[1:]) if b - a > rate // 50)
    return rate / periods[len(periods) // 2], (loud[-1] - loud[0] + 1 - gaps) / rate


def main():
    if sys.argv[1] == 'make':
        make(sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
        return
    hz, least, most = map(float, sys.argv[3:6])
    heard, seconds = hear(sys.argv[2])
    print('%.2f Hz for %.3f s' % (heard, seconds))
    if abs(heard - hz) > hz / 200 or not least <= seconds <= most:
        sys.exit(1)


main()
