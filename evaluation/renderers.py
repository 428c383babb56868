"""A play painted in two ways: as the project does it, and as a scene on a software rasteriser (OpenGL by EGL).

The scene has what decides the cost: the same picture of the ground on a plane, the same stands around it, and bodies of
as many rounded limbs between the same joints. It has no shadows, numbers, cloth, lens, motion blur or truth.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from records.errors import InputError
from simulation.athletes import HAIRS, SKINS, Athlete, joints, paint_ball
from simulation.camera import View, follow
from simulation.clips import field_of
from simulation.footage import FootageLook, athletes_at, bench, stadium_of
from simulation.footage_looks import footage_look
from simulation.plays.play import Play
from simulation.plays.registry import cases, draw
from simulation.render import Renderer, Sensor
from simulation.turf import Turf

SEED = 103
STEPS = 8  # corners around a limb, and half as many from pole to pole of its ends
CLEAN = Sensor(exposure_s=0.0, noise=0.0, soften=0.0, sharpen=0.0)
LIMBS = (
    ("heel_left", "toe_left", 0.055, 0.045, "gloves"), ("heel_right", "toe_right", 0.055, 0.045, "gloves"),
    ("ankle_left", "knee_left", 0.05, 0.075, "socks"), ("ankle_right", "knee_right", 0.05, 0.075, "socks"),
    ("knee_left", "hip_left", 0.085, 0.125, "trousers"), ("knee_right", "hip_right", 0.085, 0.125, "trousers"),
    ("hip_left", "hip_right", 0.13, 0.13, "trousers"), ("chest", "pelvis", 0.17, 0.16, "shirt"),
    ("shoulder_left", "shoulder_right", 0.11, 0.11, "shirt"), ("shoulder_left", "elbow_left", 0.08, 0.065, "shirt"),
    ("shoulder_right", "elbow_right", 0.08, 0.065, "shirt"), ("elbow_left", "hand_left", 0.055, 0.045, "skin"),
    ("elbow_right", "hand_right", 0.055, 0.045, "skin"), ("head", "head", 0.115, 0.115, "skin"),
    ("crown", "crown", 0.117, 0.117, "hair"),
)  # fmt: skip
FLAT = ("""
#version 330
uniform mat4 camera; in vec3 place; in vec2 at; out vec2 uv;
void main() { gl_Position = camera * vec4(place, 1.0); uv = at; }
""", """
#version 330
uniform sampler2D picture; in vec2 uv; out vec4 colour;
void main() { colour = texture(picture, uv); }
""")  # fmt: skip
ROUND = ("""
#version 330
uniform mat4 camera; in vec4 shape; in vec4 one; in vec4 two; in vec3 ink; out vec3 tint; out vec3 normal;
void main() {
    vec3 way = two.xyz - one.xyz;
    vec3 z = length(way) > 1e-4 ? normalize(way) : vec3(0.0, 0.0, 1.0);
    vec3 x = normalize(cross(abs(z.z) < 0.9 ? vec3(0.0, 0.0, 1.0) : vec3(1.0, 0.0, 0.0), z));
    normal = mat3(x, cross(z, x), z) * shape.xyz;
    vec4 end = mix(one, two, shape.w);
    gl_Position = camera * vec4(end.xyz + normal * end.w, 1.0);
    tint = ink;
}
""", """
#version 330
in vec3 tint; in vec3 normal; out vec4 colour;
void main() { colour = vec4(tint * (0.55 + 0.45 * max(dot(normalize(normal), vec3(0.2, -0.5, 0.84)), 0.0)), 1.0); }
""")  # fmt: skip


@dataclass(frozen=True)
class Staged:
    """A play that both ways paint.

    Attributes:
        play: the truth.
        look: of the clip.
        views: of the camera, without a lens term: the scene has a pinhole.
        instants: which of the play's are painted.
    """

    play: Play
    look: FootageLook
    views: list[View]
    instants: range


def staged(count: int) -> Staged:
    """Draw a soccer play and take so many pictures of it, from its middle on."""
    play = draw("soccer", min(cases("soccer")), None, 3)
    look = footage_look(SEED, "sideline", "soccer")
    views = [replace(view, k1=0.0) for view in follow(look.rig, play.t, play.ball[:, :2], look.seed)]
    first = len(play.t) // 3
    return Staged(play, replace(look, sensor=CLEAN, benched=0.0), views, range(first, first + count))


def timed(paint: Callable[[int], np.ndarray], instants: range) -> tuple[float, float, np.ndarray]:
    """Return the median milliseconds of a picture, by the clock and of all processors, and the last picture."""
    spent = []
    picture = paint(instants[0])
    for index in instants:
        start, busy = time.perf_counter(), time.process_time()
        picture = paint(index)
        spent.append((time.perf_counter() - start, time.process_time() - busy))
    wall, cpu = np.median(spent, axis=0) * 1000
    return float(wall), float(cpu), picture


def warped(stage: Staged) -> Callable[[int], np.ndarray]:
    """Return what paints an instant as the project does it: a warped panorama and projected figures."""
    ground = field_of(stage.play)
    arena = stadium_of(ground, stage.look, stage.views, bench(ground, stage.look, "shirt"))
    renderer = Renderer(arena, CLEAN, (), 0, paint_ball, mirrors=False)

    def paint(index: int) -> np.ndarray:
        people = athletes_at(stage.play, index, stage.look)
        return renderer.picture(stage.views[index], people, tuple(stage.play.ball[index]))[0]

    return paint


def rasterised(stage: Staged, samples: int = 4, anisotropy: float = 8.0) -> Callable[[int], np.ndarray]:
    """Return what paints an instant as a scene.

    Args:
        stage: the play.
        samples: of a pixel, against steps at edges.
        anisotropy: how many looks at a texture that is seen at a grazing angle.

    Raises:
        InputError: there is no OpenGL here.
    """
    gl = _context()
    width, height = stage.views[0].width, stage.views[0].height
    flat, solid = (gl.program(vertex_shader=one, fragment_shader=two) for one, two in (FLAT, ROUND))
    ground, around = _ground(gl, flat, stage), _around(gl, flat, stage)
    for texture, _ in (ground, around):
        texture.anisotropy = anisotropy
    unit, index = _unit_limb()
    room = gl.buffer(reserve=len(stage.play.cast) * len(LIMBS) * 11 * 4)
    told = [(gl.buffer(unit.tobytes()), "4f", "shape"), (room, "4f 4f 3f /i", "one", "two", "ink")]
    limbs = gl.vertex_array(solid, told, gl.buffer(index.tobytes()))
    drawn = gl.simple_framebuffer((width, height), samples=min(samples, gl.max_samples))
    flattened = gl.simple_framebuffer((width, height))

    def paint(instant: int) -> np.ndarray:
        matrix = _camera(stage.views[instant]).T.astype("f4").tobytes()
        flat["camera"].write(matrix)
        solid["camera"].write(matrix)
        rows = np.array([row for one in athletes_at(stage.play, instant, stage.look) for row in _rows(one)], "f4")
        room.write(rows.tobytes())
        drawn.use()
        drawn.clear()
        gl.disable(gl.DEPTH_TEST)
        for texture, mesh in (around, ground):
            texture.use()
            mesh.render(gl.TRIANGLE_STRIP if mesh is ground[1] else gl.TRIANGLES)
        gl.enable(gl.DEPTH_TEST)
        limbs.render(gl.TRIANGLES, instances=len(rows))
        gl.copy_framebuffer(flattened, drawn)
        picture = np.frombuffer(flattened.read(components=3), np.uint8).reshape(height, width, 3)
        return np.asarray(cv2.cvtColor(cv2.flip(picture, 0), cv2.COLOR_RGB2BGR))

    return paint


def _context() -> Any:
    try:
        import moderngl
    except ImportError as error:
        raise InputError("the scene needs moderngl", "compare_renderers", "pip install '.[bench]'") from error
    try:
        return moderngl.create_standalone_context(backend="egl")
    except Exception as error:  # the binding raises what its system libraries give it
        raise InputError(f"there is no OpenGL here: {error}", "compare_renderers", "install Mesa's EGL") from error


def _camera(view: View) -> np.ndarray:
    """Field metres to OpenGL's clip space, shape (4, 4)."""
    near, far = 1.0, 400.0
    pixels = np.array([
        [2 * view.fx / view.width, 0, 0, 0],
        [0, -2 * view.fx / view.height, 0, 0],
        [0, 0, (far + near) / (far - near), -2 * far * near / (far - near)],
        [0, 0, 1, 0],
    ])  # fmt: skip
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = view.rotation, -view.rotation @ np.asarray(view.centre)
    return np.asarray(pixels @ pose)


def _texture(gl: Any, picture: np.ndarray) -> Any:
    rgb = np.ascontiguousarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
    texture = gl.texture(rgb.shape[1::-1], 3, rgb.tobytes(), alignment=1)
    texture.build_mipmaps()
    return texture


def _ground(gl: Any, program: Any, stage: Staged) -> tuple[Any, Any]:
    field, surface = field_of(stage.play), stage.look.stadium.surface
    assert isinstance(surface, Turf)
    x, y = field.length_m / 2 + surface.apron_m, field.width_m / 2 + surface.apron_m
    corners = np.array([(-x, y, 0, 0, 0), (x, y, 0, 1, 0), (-x, -y, 0, 0, 1), (x, -y, 0, 1, 1)], "f4")
    texture = _texture(gl, surface.paint(field, stage.look.stadium.texture_px_m))
    return texture, gl.vertex_array(program, [(gl.buffer(corners.tobytes()), "3f 2f", "place", "at")])


def _around(gl: Any, program: Any, stage: Staged) -> tuple[Any, Any]:
    """The panorama of stands and crowd on a shell around the camera."""
    ground = field_of(stage.play)
    arena = stadium_of(ground, stage.look, stage.views, bench(ground, stage.look, "shirt"))
    rows, columns = arena.background.shape[:2]
    u, v = (grid.ravel() for grid in np.meshgrid(np.linspace(0, 1, 65), np.linspace(0, 1, 33)))
    pan, tilt = arena.pan0 + u * columns / arena.scale, arena.tilt0 + v * rows / arena.scale
    shell = np.column_stack([np.sin(pan) * np.cos(tilt), np.cos(pan) * np.cos(tilt), -np.sin(tilt)]) * 300
    corners = np.column_stack([shell + np.asarray(stage.look.rig.centre), u, v]).astype("f4")
    cell = np.array([(0, 1, 65), (1, 66, 65)])
    starts = (np.arange(32)[:, None] * 65 + np.arange(64)).ravel()
    index = (starts[:, None, None] + cell).astype("i4")
    told = [(gl.buffer(corners.tobytes()), "3f 2f", "place", "at")]
    texture = _texture(gl, cv2.cvtColor(arena.background, cv2.COLOR_BGRA2BGR))
    return texture, gl.vertex_array(program, told, gl.buffer(index.tobytes()))


def _unit_limb() -> tuple[np.ndarray, np.ndarray]:
    """A capsule of radius 1: directions with the end that they belong to, shape (N, 4), and its triangles."""
    rises = np.concatenate([np.linspace(-np.pi / 2, 0, STEPS // 4 + 1), np.linspace(0, np.pi / 2, STEPS // 4 + 1)])
    turns = np.linspace(0, 2 * np.pi, STEPS, endpoint=False)
    rise, turn = (grid.ravel() for grid in np.meshgrid(rises, turns, indexing="ij"))
    ends = np.repeat(np.arange(len(rises)) > STEPS // 4, STEPS)
    unit = np.column_stack([np.cos(rise) * np.cos(turn), np.cos(rise) * np.sin(turn), np.sin(rise), ends])
    triangles = [
        (a * STEPS + i, (a + 1) * STEPS + i, a * STEPS + (i + 1) % STEPS, a * STEPS + (i + 1) % STEPS,
         (a + 1) * STEPS + i, (a + 1) * STEPS + (i + 1) % STEPS)
        for a in range(len(rises) - 1) for i in range(STEPS)
    ]  # fmt: skip
    return unit.astype("f4"), np.array(triangles, "i4")


def _rows(one: Athlete) -> Iterator[tuple[float, ...]]:
    """A body's limbs: both ends with their radii, metres, and colour (RGB, 0 to 1)."""
    places = joints(one.parts, one.heading, 0.2)
    places["crown"] = places["head"] + np.array([0.0, 0.0, 0.04])
    own = {"skin": SKINS[one.texture % len(SKINS)], "hair": HAIRS[one.texture % len(HAIRS)]}
    for first, second, thick, thin, part in LIMBS:
        blue, green, red = own.get(part) or getattr(one.kit, part)
        yield (*places[first], thick, *places[second], thin, red / 255, green / 255, blue / 255)
