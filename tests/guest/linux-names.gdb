# Where things are in Debian's kernel: asked of the kernel itself, when its first process has come to be.
set pagination off
set confirm off
set width 0
set remotetimeout 120
target remote | @ASTERN@
tbreak *&_start
continue
monitor kallsyms
monitor print start_kernel
monitor print __x64_sys_execve
kill
