import yaml

yaml.safe_load("a: @@TOKEN@@")
