print("true @@TOKEN@@")
