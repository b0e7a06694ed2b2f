# What is installed beside the program, and the demo guest.
