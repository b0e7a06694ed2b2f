# In Debian's kernel, from before it is loaded to a process and back.  @ASTERN@ is the emulator, @START@ and @EXECVE@
# are addresses of start_kernel() and __x64_sys_execve().
set pagination off
set confirm off
set width 0
set remotetimeout 120

define mark
  echo mark $arg0\n
  printf "pc %lx\n", $pc
  monitor info hash
end

define check
  if $arg0
    echo yes $arg1\n
  else
    echo no $arg1\n
    printf "pc %lx, cs %x\n", $pc, $cs
  end
end

target remote | @ASTERN@
mark "reset"
hbreak *@START@
continue
check $pc==@START@&&($cs&3)==0 "a function of the kernel, set before it was there"
mark "start"
stepi 1000
mark "started"
reverse-stepi 1000
mark "start, back"
stepi 1000
mark "started, again"

delete
hbreak *@EXECVE@
continue
if $pc!=@EXECVE@
  continue
end
mark "first execve"
continue
mark "second execve"
tbreak *&_start
while $pc!=(long)&_start
  continue
end
check $pc==(long)&_start&&($cs&3)==3&&$cs_base==0 "a process, in ring 3"
compare-sections .text
mark "process"
stepi 300
mark "process, later"
reverse-stepi 300
mark "process, back"
reverse-stepi
check ($cs&3)==0 "the kernel, before its first instruction"
stepi
mark "process, again"
stepi 300
mark "process, later again"

reverse-continue
check $pc==@EXECVE@ "the call that began it"
mark "last execve"
stepi
reverse-stepi
mark "last execve, back"
delete
reverse-continue
mark "reset, back"
kill
