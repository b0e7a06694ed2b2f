/* entry32.S - from the multiboot loader to guest_start() in protected mode, and traps. */

        .section .multiboot, "a"
        .balign 4
        .long   0x1badb002, 0, -0x1badb002

        .text
        .globl  _start
_start:
        cli
        cld
        movl    $boot_stack_top, %esp
        movl    $gdt, %edi
        movl    $0x0000ffff, 0x08(%edi)
        movl    $0x00cf9b00, 0x0c(%edi)
        movl    $0x0000ffff, 0x10(%edi)
        movl    $0x00cf9300, 0x14(%edi)
        movl    $0x0000ffff, 0x18(%edi)
        movl    $0x00cffb00, 0x1c(%edi)
        movl    $0x0000ffff, 0x20(%edi)
        movl    $0x00cff300, 0x24(%edi)
        lgdt    gdt_pointer
        ljmp    $0x08, $1f
1:      movl    $0x10, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        call    guest_start

/* int run (fn, arg) */
        .globl  run, run_user, recover
run:
        pushl   %ebp
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    20(%esp), %ecx
        movl    24(%esp), %edx
        pushl   run_esp
        movl    %esp, run_esp
        pushl   %edx
        call    *%ecx
        movl    $-1, %eax
        jmp     back

run_user:
        pushl   %ebp
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    20(%esp), %ecx
        movl    24(%esp), %edx
        pushl   run_esp
        movl    %esp, run_esp
        movl    $user_stack + 8192 - 16, %eax
        movl    %edx, 4(%eax)
        pushl   $0x23
        pushl   %eax
        pushl   $2
        pushl   $0x1b
        pushl   %ecx
        movl    $0x23, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        iret

recover:
        movl    4(%esp), %eax
back:
        movl    $0x10, %ecx
        movl    %ecx, %ds
        movl    %ecx, %es
        movl    %ecx, %fs
        movl    %ecx, %gs
        movl    %ecx, %ss
        movl    run_esp, %esp
        pushl   $2
        popfl
        cld
        popl    run_esp
        popl    %edi
        popl    %esi
        popl    %ebx
        popl    %ebp
        ret

        .balign 16
        .globl  stub_table
stub_table:
        .set    vector, 0
        .rept   256
        .balign 16
        .if     !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17)
        pushl   $0
        .endif
        pushl   $vector
        jmp     common
        .set    vector, vector + 1
        .endr

common:
        pushal
        pushl   %ds
        pushl   %es
        pushl   %fs
        pushl   %gs
        movl    $0x10, %eax
        movl    %eax, %ds
        movl    %eax, %es
        cld
        pushl   %esp
        call    trap
        addl    $4, %esp
        popl    %gs
        popl    %fs
        popl    %es
        popl    %ds
        popal
        addl    $8, %esp
        iret

        .data
gdt_pointer:
        .word   64 * 8 - 1
        .long   gdt
run_esp:
        .long   0

        .section .note.GNU-stack, "", @progbits
        .bss
        .balign 16
        .skip   16384
boot_stack_top:
