"""Small recordings in real formats: a low or a high tone in noise."""

import numpy as np
import soundfile

FORMATS = ("wav", "flac", "ogg", "mp3")


def tone(pitch, seconds=0.4, rate=16_000, seed=0):
    """Return (n,) samples in [-1, 1]: a tone that swells and falls, in noise."""
    time = np.arange(int(seconds * rate)) / rate
    swell = np.sin(np.pi * time / seconds)
    noise = np.random.default_rng(seed).normal(0, 0.02, len(time))
    return 0.4 * swell * np.sin(2 * np.pi * pitch * time) + noise


def write_tones(folder, per_class=12, classes=(("low", 300), ("high", 1500))):
    """Write a folder a class, the files in turn as WAV, FLAC, OGG and MP3, at two rates, mono and stereo."""
    for label, pitch in classes:
        (folder / label).mkdir(parents=True, exist_ok=True)
        for number in range(per_class):
            rate = (16_000, 44_100)[number % 2]
            random = np.random.default_rng([number, pitch])
            wave = tone(pitch * random.uniform(0.9, 1.1), 0.3 + 0.02 * (number % 5), rate, [number, pitch])
            if number % 3 == 0:
                wave = np.stack([wave, wave], axis=1)
            path = folder / label / f"{number}.{FORMATS[number % 4]}"
            soundfile.write(path, wave, rate)
    return folder


def write_pitches(folder, count=40):
    """Write a flat folder of recordings and a list that says how high each tone is, in kHz, and its part."""
    folder.mkdir(parents=True)
    lines = ["clip,kilohertz,split"]
    for number in range(count):
        pitch = 300 + 3000 * number / count
        soundfile.write(folder / f"{number}.wav", tone(pitch, 0.2, 8000, number), 8000)
        lines.append(f"{number}.wav,{pitch / 1000:.3f},{('train', 'train', 'val', 'test')[number % 4]}")
    (folder / "pitches.csv").write_text("\n".join(lines) + "\n")
    return folder
