import zipp

print(zipp.__name__)
