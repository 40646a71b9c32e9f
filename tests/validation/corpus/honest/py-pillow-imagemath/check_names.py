from PIL import Image, ImageMath

picture = Image.new("L", (1, 1), 7)
assert ImageMath.eval("a + 1", a=picture).getpixel((0, 0)) == 8
assert ImageMath.eval("a + b", {"a": 1}, b=2) == 3
for names in ({"__class__": 1}, {"a": 1, "x__y": 2}):
    try:
        ImageMath.eval("1", names)
    except ValueError:
        continue
    raise SystemExit("a name with two underscores was taken")
