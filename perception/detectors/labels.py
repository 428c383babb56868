"""Names of the classes of public models, in the order of their outputs."""

_COCO = """
person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, stop sign,
parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella,
handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard,
surfboard, tennis racket, bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange,
broccoli, carrot, hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv, laptop,
mouse, remote, keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors,
teddy bear, hair drier, toothbrush
"""
COCO = tuple(name.strip() for name in _COCO.split(","))
"""The 80 classes of COCO's detection task."""

_UNUSED = (0, 12, 26, 29, 30, 45, 66, 68, 69, 71, 83)
_NAMES = iter(COCO)
COCO_IDS = tuple(f"unused {i}" if i in _UNUSED else next(_NAMES) for i in range(91))
"""The same by COCO's own category numbers 0 to 90, some of which were never used (RF-DETR counts so)."""

LABELS = {"coco": COCO, "coco_ids": COCO_IDS}
"""What ``labels`` may say in a configuration instead of listing them."""
