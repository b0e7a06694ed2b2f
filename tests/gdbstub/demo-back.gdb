# Backward through the demo guest, to where forward execution was before.
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

# Continues to where CONDITION holds; on the way there may be the latest moment so far, where history ends.
define onward
  continue
  if !($arg0)
    continue
  end
end

target remote | @ASTERN@

break traps_init
continue
finish
set $line = $pc
set $stack = $sp
stepi 100
set $later = $pc
set $later_stack = $sp
reverse-stepi 100
set $back = $pc==$line&&$sp==$stack
stepi 100
check $back&&$pc==$later&&$sp==$later_stack "reverse-stepi"
reverse-stepi 100

next
set $next = $pc
reverse-next
check $next!=$line&&$pc==$line&&$sp==$stack "reverse-next"

next
reverse-step
check $next>$line&&$pc>=(long)&syscalls_init&&$pc<(long)&syscalls_init+200 "reverse-step"

delete
break *set_kernel_stack
onward $pc==(long)&set_kernel_stack
set $entry_stack = $sp
reverse-finish
set $call = $pc
stepi
check $call!=(long)&set_kernel_stack&&$pc==(long)&set_kernel_stack&&$sp==$entry_stack "reverse-finish"

delete
break schedule if kernel.ticks >= 20
onward kernel.ticks>=20
set $first_stack = $sp
set $first_tick = kernel.ticks
continue
continue
reverse-continue
reverse-continue
check $sp==$first_stack&&kernel.ticks==$first_tick "reverse-continue to a breakpoint"
continue
continue
continue
set $head = $pc
set $head_tick = kernel.ticks

delete
watch kernel.ticks
reverse-continue
set $one = kernel.ticks
reverse-continue
check $one==$head_tick-1&&kernel.ticks==$head_tick-2 "reverse-continue to a watchpoint"

delete
reverse-continue
check $pc==(long)&_start "the start of history"

continue
check $pc==$head&&kernel.ticks==$head_tick "back to the latest moment"

break panic_screen
onward kernel.ticks>=1000
check kernel.ticks>=1000 "the crash"

delete
watch kernel.tasks[0].rsp
reverse-continue
check $pc>=(long)&sys_chart&&$pc<(long)&sys_chart+64&&column==64 "the guilty write"
kill
