exception Empty of int
val x = 3
