"""Makes the example requests of ../cases from held-out digits, and records what the three inference.py answer.

    python make_requests.py --models ../models --out ../cases
"""
import argparse
import json
from pathlib import Path

import numpy as np

import digits
import inference_detection
import inference_image
import inference_text
import train_detection
import train_image

TEXTS = {
    "spam": "WINNER!! You have been selected to receive a £900 prize. Call 09061701461 now to claim, txt STOP to end",
    "ham": "Hi mum, I'll be home about 7, save me some dinner?",
}
PIPELINES = {
    "text-classification": (inference_text, "application/json"),
    "image-classification": (inference_image, "application/octet-stream"),
    "object-detection": (inference_detection, "application/json"),
}


def scene(file, models, images, classes, random):
    """Writes the first scene of three different digits that are all surely found, to three decimals."""
    detector = inference_detection.model_fn(str(models / "object-detection"))
    while True:
        pixels, boxes = train_detection.compose(images, classes, random)
        pixels = np.round(pixels.astype(float), 3)[..., None]
        found = inference_detection.predict_fn(pixels[None].astype(np.float32), detector)[0]
        found = found[found[:, 1] >= 0.9]
        if len(boxes) == 3 and len({b[0] for b in boxes}) == 3 and {b[0] for b in boxes} == set(found[:, 0]):
            file.write_text(json.dumps({"image_data": pixels.tolist()}, separators=(",", ":")) + "\n")
            return boxes


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--models", type=Path, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    arguments = arguments.parse_args()
    out = arguments.out
    _, (images, classes) = digits.split()
    random = np.random.default_rng(7)
    requests = []

    def request(name, extension, pipeline):
        file = out / pipeline / f"{name}.request.{extension}"
        file.parent.mkdir(parents=True, exist_ok=True)
        requests.append((name, file, pipeline))
        return file

    for name, text in TEXTS.items():
        request(name, "json", "text-classification").write_text(
            json.dumps({"text": text}, ensure_ascii=False) + "\n", encoding="utf-8")

    def digit(n):
        return images[np.where(classes == n)[0][3]]

    plain = train_image.draw(digit(7))
    plain.convert("L").save(request("seven", "png", "image-classification"), optimize=True)
    train_image.draw(digit(3), random).resize((320, 240)).save(
        request("three", "jpg", "image-classification"), quality=80)
    train_image.draw(digit(8), random).convert("P", palette=1, colors=32).save(
        request("eight", "gif", "image-classification"))

    boxes = scene(request("scene", "json", "object-detection"), arguments.models, images, classes, random)

    for name, file, pipeline in requests:
        script, content_type = PIPELINES[pipeline]
        model = script.model_fn(str(arguments.models / pipeline))
        data = script.input_fn(file.read_bytes(), content_type)
        prediction = script.predict_fn(data, model)
        answer = json.loads(script.output_fn(prediction))
        file.with_name(f"{name}.expected.json").write_text(json.dumps(answer, indent=2) + "\n")
        print(name, answer, prediction[0] if prediction.ndim == 2 else "")
    print("the scene's digits:", [[int(b[0])] + [round(float(v), 3) for v in b[1:]] for b in boxes])


if __name__ == "__main__":
    main()
