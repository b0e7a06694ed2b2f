# Forward through the demo guest.
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

target remote | @ASTERN@
check $pc==(long)&_start "attached at reset"

hbreak *kernel_main
continue
check $pc==(long)&kernel_main "hardware breakpoint"
set $sp_in_main = $sp

break traps_init
continue
check $pc>=(long)&traps_init&&$pc<(long)&traps_init+64 "software breakpoint"

finish
check $pc>(long)&kernel_main&&$pc<(long)&kernel_main+400&&$sp<$sp_in_main "finish"

step
check $pc>=(long)&syscalls_init&&$pc<(long)&syscalls_init+64 "step into a call"

finish
next
check $pc>(long)&kernel_main&&$pc<(long)&kernel_main+400&&kernel.tasks[0].name!=0 "next over a call"

delete
break schedule if kernel.ticks == 5
continue
check $pc>=(long)&schedule&&$pc<(long)&schedule+64&&kernel.ticks==5 "conditional breakpoint"

delete
watch kernel.ticks
continue
check kernel.ticks==6 "watchpoint"

# The programs are linked at 1 GiB, but are not there for the physical reader.
delete
break syscall
continue
set $first = *(long *) beacon_main
maintenance packet Qqemu.PhyMemMode:1
maintenance flush register-cache
check *(long*)((long)&user_text_load+(long)beacon_main-0x40000000)==$first "physical memory"
maintenance packet Qqemu.PhyMemMode:0

check ($cr0&0x80000001)==0x80000001&&$cs_limit==0xffffffff&&($efer&0x500)==0x500&&$idtr_limit==0x2ff&&$tr_limit==0x67 "registers of the system"

monitor info registers
