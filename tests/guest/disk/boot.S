# boot.S - a boot sector that says on the first serial line how it was started: it reads its second sector by the
# BIOS, prints what is there, and ends the run by port 0xf4.
        .code16
        .globl _start
_start: cli
        xor %ax, %ax
        mov %ax, %ds
        mov %ax, %es
        mov %ax, %ss
        mov $0x7c00, %sp
        ljmp $0, $1f
1:      sti
        mov $packet, %si
        mov $0x42, %ah
        int $0x13
        jc failed
        mov $0x8000, %si
        call print
        mov $1, %al
        jmp end
failed: mov $bad, %si
        call print
        mov $2, %al
end:    mov $0xf4, %dx
        out %al, (%dx)
2:      hlt
        jmp 2b
print:  mov $0x3f8, %dx
3:      lodsb
        test %al, %al
        jz 4f
        out %al, (%dx)
        jmp 3b
4:      ret
bad:    .asciz "the second sector cannot be read\n"
        .balign 4
packet: .byte 16, 0
        .word 1, 0x8000, 0
        .quad 1
        .org 510
        .word 0xaa55
        .asciz "the second sector was read\n"
        .org 1024
