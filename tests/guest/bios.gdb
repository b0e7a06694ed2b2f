# SeaBIOS, in 16-bit code.
set pagination off
set confirm off
set width 0
set remotetimeout 60
set architecture i8086

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
x/i $pc
hbreak *(0xf000*16+0xe05b)
continue
check $pc==0xfe05b&&$cs==0xf000&&$cs_base==0xf0000 "a break at f000:e05b"
mark "entry"
x/i $pc
stepi 200
mark "later"
reverse-stepi 200
mark "entry, back"
stepi 200
mark "later, again"
reverse-continue
mark "entry, back by the breakpoint"

# A write of the BIOS data area in memory below 1 MiB: the size of base memory at 0040:0013.
delete
watch *(unsigned short*)0x413
continue
if *(unsigned short*)0x413==0
  continue
end
mark "written"
reverse-continue
mark "before it"
stepi
mark "written, again"
delete
reverse-continue
mark "reset, back"
kill
