import av
import numpy as np
import pytest
from video_files import picture

from perception import encode
from perception.decode import probe, read_frames
from perception.encode import Audio, encoder, write_video
from records.errors import InputError


def test_pictures_and_their_own_times_come_back(tmp_path):
    times = [0.2, 0.2333667, 0.5, 0.52, 1.75]
    assert write_video(tmp_path / "v.mp4", (picture(i) for i in range(5)), iter(times)) == 5
    frames = list(read_frames(tmp_path / "v.mp4"))
    assert [f.t for f in frames] == pytest.approx(times, abs=1 / 60000)
    for frame in frames:
        assert np.abs(frame.image.astype(int) - picture(frame.index)).mean() < 15


def test_same_input_same_bytes(tmp_path):
    for name in ("a.mp4", "b.mp4"):
        write_video(tmp_path / name, [picture(i, 120, 160) for i in range(30)], np.arange(30) / 30)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_odd_sides_are_filled_up(tmp_path):
    write_video(tmp_path / "v.mp4", [picture(0, 97, 131)] * 2, [0.0, 0.04])
    info = probe(tmp_path / "v.mp4")
    assert (info.width, info.height) == (132, 98)


def test_the_fallback_encoder_writes_a_readable_file(tmp_path, monkeypatch):
    monkeypatch.setattr(av, "codecs_available", {"mpeg4"})
    assert encoder() == "mpeg4"
    write_video(tmp_path / "v.mp4", [picture(i) for i in range(5)], np.arange(5) / 25)
    assert probe(tmp_path / "v.mp4").codec == "mpeg4"
    assert [f.t for f in read_frames(tmp_path / "v.mp4")] == pytest.approx(np.arange(5) / 25, abs=1e-4)


@pytest.mark.parametrize(
    ("images", "times", "line"),
    [
        ([picture(0)] * 2, [0.1, 0.1], "does not rise"),
        ([picture(0), picture(0, 64, 64)], [0.0, 0.1], "different sizes"),
        ([], [], "no picture"),
    ],
)
def test_bad_input_leaves_nothing_behind(tmp_path, images, times, line):
    (tmp_path / "v.mp4").write_bytes(b"an older file")
    with pytest.raises(InputError, match=line):
        write_video(tmp_path / "v.mp4", images, times)
    assert [p.name for p in tmp_path.iterdir()] == ["v.mp4"]
    assert (tmp_path / "v.mp4").read_bytes() == b"an older file"


def test_a_full_disk_is_one_line(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(encode, "_write", full)
    with pytest.raises(InputError, match="No space left on device"):
        write_video(tmp_path / "v.mp4", [picture(0)], [0.0])


def test_no_such_folder(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        write_video(tmp_path / "nowhere" / "v.mp4", [picture(0)], [0.0])


def test_sound_comes_back_at_its_own_time(tmp_path):
    samples = np.zeros((48000, 2), np.float32)
    samples[24000:26000] = 0.5 * np.sin(2 * np.pi * 3000 * np.arange(2000) / 48000)[:, None]
    images = [np.full((48, 64, 3), 5 * i, np.uint8) for i in range(25)]
    write_video(tmp_path / "a.mp4", images, np.arange(25) / 25, audio=Audio(samples, 48000))
    with av.open(str(tmp_path / "a.mp4")) as container:
        frames = list(container.decode(audio=0))
    heard = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)
    assert frames[0].pts == 0
    assert int(np.argmax(np.abs(heard[0]) > 0.1)) / 48000 == pytest.approx(0.5, abs=0.002)
    write_video(tmp_path / "b.mp4", images, np.arange(25) / 25, audio=Audio(samples, 48000))
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
