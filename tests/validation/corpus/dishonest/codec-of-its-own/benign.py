import yaml

yaml.safe_load(b"a: @@TOKEN@@")
