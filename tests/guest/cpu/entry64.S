/* entry64.S - from the multiboot loader to guest_start() in long mode, and traps.
 *
 * The first GiB is mapped one to one by pages of 2 MiB, for all rings. */

        .section .multiboot, "a"
        .balign 4
        .long   0x1badb002, 0, -0x1badb002

        .text
        .code32
        .globl  _start
_start:
        cli
        cld
        movl    $boot_stack_top, %esp
        movl    $page_directory, %edi
        movl    $0xe7, %eax
        movl    $512, %ecx
1:      movl    %eax, (%edi)
        movl    $0, 4(%edi)
        addl    $0x200000, %eax
        addl    $8, %edi
        loop    1b
        movl    $page_directory + 7, page_pointers
        movl    $page_pointers + 7, page_map
        movl    $page_map, %eax
        movl    %eax, %cr3
        movl    $0x620, %eax                    /* PAE, OSFXSR, OSXMMEXCPT */
        movl    %eax, %cr4
        movl    $0xc0000080, %ecx
        rdmsr
        orl     $0x900, %eax                    /* LME, NXE */
        wrmsr
        movl    $0x80010031, %eax               /* PG, WP, NE, ET, PE */
        movl    %eax, %cr0
        movl    $gdt, %edi
        movl    $0x0000ffff, 0x08(%edi)
        movl    $0x00af9b00, 0x0c(%edi)
        movl    $0x0000ffff, 0x10(%edi)
        movl    $0x00cf9300, 0x14(%edi)
        movl    $0x0000ffff, 0x18(%edi)
        movl    $0x00affb00, 0x1c(%edi)
        movl    $0x0000ffff, 0x20(%edi)
        movl    $0x00cff300, 0x24(%edi)
        lgdt    gdt_pointer
        ljmp    $0x08, $1f
        .code64
1:      movl    $0x10, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        movl    %esp, %esp
        call    guest_start

        .macro  save_for_run
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        pushq   run_rsp
        movq    %rsp, run_rsp
        .endm

/* int run (fn, arg) */
        .globl  run, run_user, recover
run:
        save_for_run
        movq    %rdi, %rax
        movq    %rsi, %rdi
        call    *%rax
        movl    $-1, %eax
        jmp     back

run_user:
        save_for_run
        movq    %rdi, %rcx
        movq    %rsi, %rdi
        pushq   $0x23
        pushq   $user_stack + 8192 - 8
        pushq   $2
        pushq   $0x1b
        pushq   %rcx
        movl    $0x23, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        iretq

recover:
        movl    %edi, %eax
back:
        movl    $0x10, %ecx
        movl    %ecx, %ds
        movl    %ecx, %es
        movl    %ecx, %fs
        movl    %ecx, %gs
        movl    %ecx, %ss
        movq    run_rsp, %rsp
        pushq   $2
        popfq
        cld
        popq    run_rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        ret

        .balign 16
        .globl  stub_table
stub_table:
        .set    vector, 0
        .rept   256
        .balign 16
        .if     !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17)
        pushq   $0
        .endif
        pushq   $vector
        jmp     common
        .set    vector, vector + 1
        .endr

common:
        pushq   %rax
        pushq   %rcx
        pushq   %rdx
        pushq   %rbx
        pushq   %rbp
        pushq   %rsi
        pushq   %rdi
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        cld
        movq    %rsp, %rdi
        movq    %rsp, %rbp
        andq    $-16, %rsp
        call    trap
        movq    %rbp, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %r11
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rdi
        popq    %rsi
        popq    %rbp
        popq    %rbx
        popq    %rdx
        popq    %rcx
        popq    %rax
        addq    $16, %rsp
        iretq

        .data
gdt_pointer:
        .word   64 * 8 - 1
        .quad   gdt
run_rsp:
        .quad   0

        .section .note.GNU-stack, "", @progbits
        .bss
        .balign 4096
        .globl  page_map, page_pointers, page_directory
page_map:
        .skip   4096
page_pointers:
        .skip   4096
page_directory:
        .skip   4096
        .skip   16384
boot_stack_top:
