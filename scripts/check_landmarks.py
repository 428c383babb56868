"""What landmark models find in real pictures: python scripts/check_landmarks.py MODEL [MODEL ...].

A model is an ONNX file, or the name of one that ships, such as hockey-landmarks.onnx. Needs the real test data:
RULESIGHT_TEST_DATA names its folder, by default ../shared/data.
"""

import sys

from evaluation import realdata
from evaluation.real_landmarks import lines, measure_real
from perception.models import locate
from perception.registration.landmarks import LandmarkModel
from perception.runtime import open_session
from records.errors import InputError


def main(models: list[str]) -> int:
    """Print the figures of each model; returns the exit status."""
    data = realdata.folder()
    try:
        if not models:
            raise InputError("no model was given", "check_landmarks.py", "name one, such as hockey-landmarks.onnx")
        if data is None:
            raise InputError("there is no real test data", realdata.VARIABLE, "let it name the folder")
        for name in models:
            model = LandmarkModel(open_session(locate(name, name, "the model"), "cpu", 1))
            print(f"{name}: {model.domain}", *lines(measure_real(model, data)), sep="\n")
    except InputError as error:
        print(f"check_landmarks.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
