import errno
import os

import numpy as np
import pytest
from video_files import encode, picture

from perception.decode import open_video
from perception.spool import Spool


@pytest.fixture
def kept(tmp_path):
    with Spool(tmp_path / "spool", 10**9) as spool:
        yield spool


def pictures(frames):
    return [(frame.index, frame.t, frame.image) for frame in frames]


def same(one, two):
    return len(one) == len(two) and all(
        a[:2] == b[:2] and np.array_equal(a[2], b[2]) for a, b in zip(one, two, strict=True)
    )


def test_pictures_come_back_as_they_were(clip, kept):
    plain, video = open_video(clip), open_video(clip, kept)
    list(video.glances(0, 30, 360))
    assert all(index in kept for index in range(30))
    assert same(pictures(video.frames(judged=False)), pictures(plain.frames(judged=False)))
    assert same(pictures(video.at([3, 17, 33, 39], judged=False)), pictures(plain.at([3, 17, 33, 39], judged=False)))


def test_what_is_kept_is_not_decoded_again(clip, kept, monkeypatch):
    video = open_video(clip, kept)
    whole = pictures(video.frames(judged=False))
    monkeypatch.setattr("perception.decode._decoded", None)
    assert same(pictures(video.frames(judged=False)), whole)


def test_no_more_is_kept_than_allowed_and_the_rest_is_decoded(clip, tmp_path):
    plain = open_video(clip)
    one = plain.info.width * plain.info.height * 3 // 2
    with Spool(tmp_path, 5 * one) as spool:
        video = open_video(clip, spool)
        list(video.glances(0, 40, 360))
        assert [index in spool for index in range(7)] == [True] * 5 + [False] * 2
        assert same(pictures(video.frames(judged=False)), pictures(plain.frames(judged=False)))
    with Spool(tmp_path, 0) as nothing:
        list(open_video(clip, nothing).frames(judged=False))
        assert 0 not in nothing


def test_a_full_disk_only_means_decoding_again(clip, kept, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    video = open_video(clip, kept)
    whole = pictures(video.frames(judged=False))
    assert 0 not in kept
    assert same(whole, pictures(open_video(clip).frames(judged=False)))


def test_nothing_is_left_on_the_disk(clip, tmp_path):
    with Spool(tmp_path / "spool", 10**9) as spool:
        list(open_video(clip, spool).frames(0, 5, judged=False))
        assert list((tmp_path / "spool").iterdir()) == []


def test_turned_pictures_come_back(tmp_path, kept):
    path = encode(tmp_path / "r.mp4", [picture(i) for i in range(6)], np.arange(6) / 25, rotation=90)
    video = open_video(path, kept)
    first = pictures(video.frames(judged=False))
    assert 0 in kept
    assert same(first, pictures(video.frames(judged=False)))
    assert same(first, pictures(open_video(path).frames(judged=False)))


@pytest.mark.parametrize("size", [(96, 126), (94, 128), (98, 122)])
def test_pictures_of_any_even_size_come_back(size, tmp_path, kept):
    images = [np.random.default_rng(i).integers(0, 255, (size[1], size[0], 3), np.uint8) for i in range(3)]
    path = encode(tmp_path / "odd.mp4", images, np.arange(3) / 25)
    video = open_video(path, kept)
    first = pictures(video.frames(judged=False))
    assert 0 in kept
    assert same(first, pictures(video.frames(judged=False)))
    assert first[0][2].shape == (size[1], size[0], 3)
