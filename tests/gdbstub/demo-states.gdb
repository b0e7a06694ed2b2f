# Back and forward through the demo guest; `mark` says which state the machine is in, and test-gdb.sh compares.
set pagination off
set confirm off
set width 0
set remotetimeout 60

# CONDITION NAME: a condition without spaces.
define check
  if $arg0
    echo yes $arg1\n
  else
    echo no $arg1\n
    printf "pc %lx, sp %lx, tick %lu\n", $pc, $sp, kernel.ticks
  end
end

define mark
  echo mark $arg0\n
  printf "pc %lx\n", $pc
  monitor info hash
end

# Continues to where CONDITION holds; on the way there may be the latest moment so far, where history ends.
define onward
  continue
  if !($arg0)
    continue
  end
end

target remote | @ASTERN@
mark "reset"

# Single instructions.
break traps_init
continue
mark "entered"
stepi
mark "one"
stepi 40
mark "forty-one"
reverse-stepi 40
mark "one, back"
reverse-stepi
mark "entered, back"
stepi 41
mark "forty-one, again"
reverse-stepi 41

# Lines: over a call, and into one.
finish
mark "line"
next
mark "next line"
reverse-next
mark "line, back from next"
step
mark "in the function"
reverse-step
mark "line, back from step"
next
mark "next line, again"

# Out of a function: to the call.
delete
break *set_kernel_stack
continue
mark "function"
delete
stepi
reverse-finish
mark "call"
reverse-stepi
mark "before the call"
stepi
mark "call, again"
stepi
mark "function, again"

# Watchpoints stop after the write, and going back before it.
delete
watch kernel.ticks if kernel.ticks >= 3
onward kernel.ticks==3
mark "tick 3"
stepi 25
continue
mark "tick 4"
reverse-continue
check kernel.ticks==3 "the watched value is the old one going back"
mark "before tick 4"
stepi
mark "tick 4, again"
reverse-stepi
mark "before tick 4, again"

# Breakpoints, with another condition on the way.
delete
break schedule if kernel.ticks >= 30
onward kernel.ticks>=30
mark "first"
continue
mark "second"
continue
mark "third"
reverse-continue
mark "second, back"
reverse-continue
mark "first, back"
continue
continue
mark "third, again"

# HLT: a step waits for the interrupt and has its handler run.
delete
find /1b (char*)tasks_start, +400, (char)0xfb, (char)0xf4, (char)0xfa
set $hlt = (long)$_+1
break *$hlt
continue
set $before = kernel.ticks
stepi
mark "halted"
stepi
check $pc==$hlt+2&&kernel.ticks==$before+1 "a CPU that is stepped after HLT goes on"
mark "woken"
reverse-stepi
check $pc==$hlt+1 "a step back from after HLT is to the HLT"
mark "halted, back"
stepi
mark "woken, again"

# A task in ring 3, in its own address space.
delete
set $first = kernel.ticks
tbreak *primes_main
reverse-continue
check $pc==(long)&primes_main&&($cs&3)==3&&$cr3==kernel.tasks[3].page_table "a break in a user process, reached backward"
mark "user"
stepi 30
mark "user, later"
reverse-stepi 30
mark "user, back"
reverse-stepi
check $pc<0x40000000&&($cs&3)==0 "before a process' first instruction is the kernel"
mark "kernel"
stepi
mark "user, again"
# The start of history.
reverse-continue
mark "reset, back"
reverse-stepi
mark "reset, still"
kill
