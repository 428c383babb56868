import os
import time
import wave
from pathlib import Path

import numpy as np
import pytest
from video_files import encode, picture

from perception import decode
from perception.decode import open_video, probe, read_frames
from records.errors import InputError


def times_of(path):
    return [frame.t for frame in read_frames(path)]


def qualities(path):
    return [frame.quality for frame in read_frames(path)]


def refused(path):
    """The one line that reading every frame is refused with."""
    with pytest.raises(InputError) as caught:
        list(read_frames(path))
    line = str(caught.value)
    assert "\n" not in line
    assert Path(path).name in line
    return line


def damaged(path, holes=3, seed=1):
    """Overwrite short stretches in the middle of a file's picture data."""
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat")
    rng = np.random.default_rng(seed)
    for at in np.sort(rng.integers(start + (len(data) - start) // 3, start + 2 * (len(data) - start) // 3, holes)):
        data[at : at + 120] = bytes(120)
    broken = path.with_name("damaged.mp4")
    broken.write_bytes(data)
    return broken


def test_probe_says_what_is_there(tmp_path):
    path = encode(tmp_path / "a.mp4", [picture(i) for i in range(10)], np.arange(10) / 25, audio=True)
    info = probe(path)
    assert (info.width, info.height, info.frames, info.rotation) == (128, 96, 10, 0)
    assert info.rate == pytest.approx(25)
    assert info.duration_s == pytest.approx(0.4, abs=1e-6)
    assert (info.has_audio, info.codec, info.truncated, info.variable_rate) == (True, "h264", False, False)


def test_frames_carry_index_time_and_picture(clip):
    frames = list(read_frames(clip))
    assert [f.index for f in frames] == list(range(40))
    assert [f.t for f in frames] == pytest.approx(np.arange(40) / 25, abs=1e-9)
    for frame in frames:
        assert frame.image.flags.c_contiguous
        assert np.abs(frame.image.astype(int) - picture(frame.index)).mean() < 12
    assert {f.quality for f in frames} == {"ok"}


@pytest.mark.parametrize("bframes", [0, 2])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.avi"])
def test_a_frame_is_the_same_however_it_is_reached(tmp_path, name, bframes):
    if name.endswith("avi") and bframes:
        pytest.skip("avi cannot hold the order of such frames")
    path = encode(tmp_path / name, [picture(i) for i in range(40)], np.arange(40) / 25, bframes=bframes)
    whole = list(read_frames(path))
    video = open_video(path)
    ways = [
        video.frames(7, 9),
        video.frames(12, 13),
        video.frames(30),
        video.frames(0, 40, 7),
        video.at([2, 3, 25, 39]),
    ]
    reached = [frame for way in ways for frame in way]
    assert [f.index for f in reached] == [7, 8, 12, *range(30, 40), *range(0, 40, 7), 2, 3, 25, 39]
    for frame in reached:
        same = whole[frame.index]
        assert (frame.t, frame.quality) == (same.t, same.quality)
        assert np.array_equal(frame.image, same.image)


def test_threads_do_not_change_pixels(clip, monkeypatch):
    runs = []
    for threads in (1, 2, 4):
        monkeypatch.setattr(decode, "_threads", lambda threads=threads: threads)
        runs.append(np.stack([f.image for f in read_frames(clip)]))
    assert np.array_equal(runs[0], runs[1])
    assert np.array_equal(runs[0], runs[2])


def test_variable_frame_rate_keeps_the_files_own_times(tmp_path):
    times = np.cumsum([0.5, 0.04, 0.02, 0.3, 0.0167, 0.04, 1.0])
    path = encode(tmp_path / "vfr.mkv", [picture(i) for i in range(7)], times)
    assert times_of(path) == pytest.approx(times, abs=1.1e-3)  # matroska counts milliseconds
    assert probe(path).variable_rate
    assert probe(path).start_s == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotation_is_applied(tmp_path, degrees):
    image = np.full((96, 160, 3), 60, np.uint8)
    image[:48, :80] = (40, 220, 240)
    path = encode(tmp_path / "r.mp4", [image] * 3, np.arange(3) / 25, rotation=degrees)
    frame = next(read_frames(path))
    upright = np.rot90(image, degrees // 90)
    assert frame.image.shape == upright.shape
    assert (probe(path).width, probe(path).height) == (upright.shape[1], upright.shape[0])
    assert np.abs(frame.image.astype(int) - upright).mean() < 10


def test_odd_sizes(tmp_path):
    images = [picture(i, height=97, width=131) for i in range(5)]
    path = encode(tmp_path / "odd.mp4", images, np.arange(5) / 25, pix_fmt="yuv444p")
    frames = list(read_frames(path))
    assert frames[0].image.shape == (97, 131, 3)
    assert np.abs(frames[4].image.astype(int) - images[4]).mean() < 12


def test_duplicated_and_black_frames_are_flagged(tmp_path):
    order = [0, 1, 1, 2, None, None, 3]
    images = [np.zeros((96, 128, 3), np.uint8) if i is None else picture(i) for i in order]
    path = encode(tmp_path / "d.mp4", images, np.arange(7) / 25)
    assert qualities(path) == ["ok", "ok", "duplicate", "ok", "black", "black", "ok"]
    assert [f.quality for f in read_frames(path, 2, 4)] == ["duplicate", "ok"]


def test_a_small_thing_that_moves_is_no_duplicate(tmp_path):
    still = np.full((96, 128, 3), 220, np.uint8)
    moved = still.copy()
    still[40:43, 40:43] = 10
    moved[40:43, 43:46] = 10
    path = encode(tmp_path / "puck.mp4", [still, moved, moved], np.arange(3) / 25)
    assert qualities(path) == ["ok", "ok", "duplicate"]


def test_damage_is_flagged_up_to_the_next_key_frame_and_is_deterministic(clip):
    path = damaged(clip)
    runs = [list(read_frames(path)) for _ in range(3)]
    found = [f.quality for f in runs[0]]
    assert found[:12] == ["ok"] * 12
    bad = [i for i, quality in enumerate(found) if quality in ("corrupt", "gap")]
    assert bad
    assert len(found) == 40
    for start in (12, 24, 36):
        part = found[start : min(start + 12, 40)]
        first = next((i for i, quality in enumerate(part) if quality != "ok"), len(part))
        assert "ok" not in part[first:]
    assert "ok" in found[bad[-1] :]
    for other in runs[1:]:
        assert [f.quality for f in other] == found
        assert all(np.array_equal(a.image, b.image) for a, b in zip(runs[0], other, strict=True))
    again = next(read_frames(path, bad[0], bad[0] + 1))
    assert again.quality == found[bad[0]]
    assert np.array_equal(again.image, runs[0][bad[0]].image)


def test_a_lost_packet_leaves_a_gap_not_a_shorter_video(tmp_path):
    import av

    source = encode(tmp_path / "a.mkv", [picture(i) for i in range(30)], np.arange(30) / 25)
    broken = tmp_path / "lost.mkv"
    with av.open(str(source)) as old, av.open(str(broken), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for number, packet in enumerate(old.demux(video=0)):
            if packet.dts is None:
                continue
            if number == 15:
                hollow = av.Packet(b"\0\0\0\1\x09")
                hollow.pts, hollow.dts, hollow.time_base = packet.pts, packet.dts, packet.time_base
                packet = hollow
            packet.stream = stream
            new.mux(packet)
    frames = list(read_frames(broken))
    assert [f.index for f in frames] == list(range(30))
    assert frames[15].quality == "gap"
    assert not frames[15].image.any()
    assert [f.quality for f in frames[16:24]] == ["corrupt"] * 8
    assert frames[24].quality == "ok"
    assert next(read_frames(broken, 15, 16)).quality == "gap"


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_truncated_file_gives_what_is_there_and_says_so(tmp_path, name):
    whole = encode(
        tmp_path / name,
        [picture(i) for i in range(40)],
        np.arange(40) / 25,
        container={"movflags": "+faststart"} if name.endswith("mp4") else {},
    )
    pictures = [f.image for f in read_frames(whole)]
    cut = tmp_path / f"cut_{name}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    info = probe(cut)
    assert info.truncated
    assert info.missing_s > 0.2
    frames = list(read_frames(cut))
    assert 10 < len(frames) < 38
    sound = [f for f in frames if f.quality == "ok"]
    assert len(sound) >= len(frames) - 2
    assert all(np.array_equal(f.image, pictures[f.index]) for f in sound)
    assert info.missing_s + len(frames) / 25 == pytest.approx(1.6, abs=0.05)


def test_a_file_without_its_index_is_refused(clip):
    cut = clip.with_name("cut.mp4")
    cut.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    assert "not a readable video" in refused(cut)


def test_no_such_file_and_a_folder(tmp_path):
    assert "no such video file" in refused(tmp_path / "none.mp4")
    assert "no such video file" in refused(tmp_path)


@pytest.mark.parametrize("content", [b"", b"this is a shopping list\n" * 40])
def test_a_text_file_named_mp4(tmp_path, content):
    path = tmp_path / "list.mp4"
    path.write_bytes(content)
    assert "not a readable video" in refused(path)


def test_no_picture_stream(tmp_path):
    path = tmp_path / "sound.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(8000))
    assert "no picture stream" in refused(path)


def test_zero_frames(tmp_path):
    import av

    path = tmp_path / "empty.mp4"
    with av.open(str(path), "w", options={"movflags": "empty_moov"}) as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height = 64, 64
        container.start_encoding()
    assert "no frame with a presentation time" in refused(path)


def test_timestamps_that_jump_back(tmp_path):
    part = encode(tmp_path / "a.ts", [picture(i) for i in range(20)], np.arange(20) / 25)
    twice = tmp_path / "twice.ts"
    twice.write_bytes(part.read_bytes() * 2)
    assert "not monotonic" in refused(twice)


def test_frames_outside_the_file(clip):
    with pytest.raises(InputError, match="lie in 0 to 39"):
        list(open_video(clip).at([38, 40]))
    with pytest.raises(InputError, match="must rise"):
        list(open_video(clip).at([3, 2]))
    assert list(read_frames(clip, 40)) == []


def test_a_file_that_changed_is_listed_again(clip):
    assert probe(clip).frames == 40
    time.sleep(0.01)
    encode(clip, [picture(i) for i in range(5)], np.arange(5) / 25)
    os.utime(clip)
    assert probe(clip).frames == 5


def test_memory_does_not_grow_with_the_clip(tmp_path):
    import tracemalloc

    peaks = []
    for count in (20, 200):
        path = encode(tmp_path / f"{count}.mp4", (picture(i) for i in range(count)), np.arange(count) / 25)
        tracemalloc.start()
        for frame in read_frames(path):
            assert frame.t >= 0
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 100_000


@pytest.mark.parametrize(
    ("name", "count", "step"),
    [
        ("hockey/BUF-EDM_frames_0-279", 280, 0.033367),
        ("american_football/cfb_clip1", 120, 0.033367),
        ("soccer/soccer_08fd33_4", 169, 0.04),
        ("basketball/halfcourt_2p", 270, 1 / 24),
    ],
)
def test_real_clips_decode_whole(real_data, name, count, step):
    path = real_data / "video" / f"{name}.mp4"
    video = open_video(path)
    assert (video.info.frames, video.info.truncated) == (count, False)
    assert np.diff(video.times) == pytest.approx(step, abs=2e-5)
    frames = {f.index: f for f in video.frames(count // 2, None, 3)}
    assert {f.quality for f in frames.values()} <= {"ok", "duplicate"}
    late = next(video.frames(max(frames)))
    assert np.array_equal(late.image, frames[late.index].image)
