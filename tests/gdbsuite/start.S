/* start.S - runs a program that was linked for Linux, statically and with the C library, on a bare machine.
 *
 * The test programs of GDB's test suite need a C library, and what it needs of a kernel is little.  The loader enters
 * the PVH entry (Xen, "x86/HVM direct boot ABI"); from there: long mode, the first GiB but 2 MiB mapped one to one,
 * everything in ring 0.  SYSCALL goes to the few calls below; then to _start with a stack as Linux leaves it.
 *
 * Output goes to the debug port 0xe9.  Exit with status 0 powers the machine off by ACPI (PIIX4: SLP_EN at 0x604);
 * another status is written to the debug exit port.  Without interrupts; an exception is a triple fault. */

        .set    STACK_BYTES, 1 << 20
        .set    HEAP_BYTES, 64 << 20
        .set    DEBUG_PORT, 0xe9
        .set    EXIT_PORT, 0x501
        .set    PM_CONTROL, 0x604

        .section .note.Xen, "a", @note
        .balign 4
        .long   4, 4, 18                        /* XEN_ELFNOTE_PHYS32_ENTRY */
        .asciz  "Xen"
        .long   bare_start

        .text
        .code32
        .globl  bare_start
bare_start:
        cli
        cld
        movl    $bare_directory, %edi           /* pages of 2 MiB */
        movl    $0x83, %eax
        movl    $512, %ecx
1:      movl    %eax, (%edi)
        movl    $0, 4(%edi)
        addl    $0x200000, %eax
        addl    $8, %edi
        loop    1b
        movl    $0, bare_directory              /* nothing at address 0, for programs that point there */
        movl    $bare_directory + 3, bare_pointers
        movl    $bare_pointers + 3, bare_map
        movl    $bare_map, %eax
        movl    %eax, %cr3
        movl    $0x620, %eax                    /* PAE, OSFXSR, OSXMMEXCPT */
        movl    %eax, %cr4
        movl    $0xc0000080, %ecx               /* EFER: LME, SCE */
        rdmsr
        orl     $0x101, %eax
        wrmsr
        movl    $0x80000033, %eax               /* PG, NE, ET, MP, PE */
        movl    %eax, %cr0
        lgdt    bare_gdt_pointer
        ljmp    $0x08, $bare_long

        .code64
bare_long:
        movl    $0x10, %eax
        movl    %eax, %ss
        movl    %eax, %ds
        movl    %eax, %es
        xorl    %eax, %eax
        movl    %eax, %fs
        movl    %eax, %gs
        fninit
        movl    $0xc0000081, %ecx               /* STAR: SYSCALL stays in ring 0 */
        movl    $0x00000008, %edx
        wrmsr
        incl    %ecx                            /* LSTAR */
        movl    $bare_syscall, %eax
        xorl    %edx, %edx
        wrmsr
        movl    $0xc0000084, %ecx               /* FMASK */
        xorl    %eax, %eax
        wrmsr
        movl    $bare_stack_top, %esp
        /* argc, argv, environment, auxiliary vector: from the end. */
        xorl    %eax, %eax
        pushq   %rax                            /* AT_NULL */
        pushq   %rax
        pushq   $bare_random
        pushq   $25                             /* AT_RANDOM */
        pushq   $4096
        pushq   $6                              /* AT_PAGESZ */
        movl    $__ehdr_start, %ebx
        movzwl  56(%rbx), %ecx                  /* e_phnum */
        pushq   %rcx
        pushq   $5                              /* AT_PHNUM */
        movzwl  54(%rbx), %ecx                  /* e_phentsize */
        pushq   %rcx
        pushq   $4                              /* AT_PHENT */
        movq    32(%rbx), %rcx                  /* e_phoff */
        addq    %rbx, %rcx
        pushq   %rcx
        pushq   $3                              /* AT_PHDR */
        pushq   %rax                            /* no environment */
        pushq   %rax                            /* argv[1] */
        pushq   $bare_name
        pushq   $1                              /* argc */
        xorl    %edx, %edx
        xorl    %ebp, %ebp
        jmp     _start

/* Everything but RAX, RCX and R11 stays, the red zone included. */
bare_syscall:
        movq    %rsp, bare_user_rsp
        movl    $bare_call_stack_top, %esp
        pushq   %rcx
        pushq   %r11
        pushq   %rdx
        pushq   %rsi
        call    bare_dispatch
        popq    %rsi
        popq    %rdx
        popq    %r11
        popq    %rcx
        pushq   %r11
        popfq
        movq    bare_user_rsp, %rsp
        jmp     *%rcx

bare_dispatch:
        cmpl    $1, %eax                        /* write */
        je      bare_write
        cmpl    $20, %eax                       /* writev */
        je      bare_writev
        cmpl    $12, %eax                       /* brk */
        je      bare_brk
        cmpl    $158, %eax                      /* arch_prctl */
        je      bare_arch_prctl
        cmpl    $63, %eax                       /* uname */
        je      bare_uname
        cmpl    $60, %eax                       /* exit, exit_group */
        je      bare_exit
        cmpl    $231, %eax
        je      bare_exit
        cmpl    $39, %eax                       /* getpid, gettid, set_tid_address: 1 */
        je      bare_one
        cmpl    $186, %eax
        je      bare_one
        cmpl    $218, %eax
        je      bare_one
        cmpl    $10, %eax                       /* mprotect, rt_sigaction, rt_sigprocmask, futex, close: nothing */
        je      bare_nothing
        cmpl    $13, %eax
        je      bare_nothing
        cmpl    $14, %eax
        je      bare_nothing
        cmpl    $202, %eax
        je      bare_nothing
        cmpl    $3, %eax
        je      bare_nothing
        movq    $-38, %rax                      /* ENOSYS */
        ret
bare_one:
        movl    $1, %eax
        ret
bare_nothing:
        xorl    %eax, %eax
        ret

bare_write:
        movq    %rdx, %rax
        movq    %rdx, %rcx
        movl    $DEBUG_PORT, %edx
        rep     outsb
        ret

bare_writev:
        movl    %edx, %r11d                     /* so many pieces at RSI */
        movq    %rsi, %rax
        pushq   %rbx
        xorl    %ebx, %ebx
1:      testl   %r11d, %r11d
        jz      2f
        movq    (%rax), %rsi
        movq    8(%rax), %rcx
        addq    %rcx, %rbx
        movl    $DEBUG_PORT, %edx
        rep     outsb
        addq    $16, %rax
        decl    %r11d
        jmp     1b
2:      movq    %rbx, %rax
        popq    %rbx
        ret

bare_brk:
        movl    $_end + 4095, %eax
        andl    $-4096, %eax
        cmpq    $0, bare_break
        jne     1f
        movq    %rax, bare_break
1:      leaq    HEAP_BYTES(%rax), %rcx
        cmpq    %rax, %rdi
        jb      2f
        cmpq    %rcx, %rdi
        ja      2f
        movq    %rdi, bare_break
2:      movq    bare_break, %rax
        ret

bare_arch_prctl:
        cmpl    $0x1002, %edi                   /* ARCH_SET_FS */
        jne     1f
        movl    $0xc0000100, %ecx
        movl    %esi, %eax
        movq    %rsi, %rdx
        shrq    $32, %rdx
        wrmsr
        xorl    %eax, %eax
        ret
1:      movq    $-22, %rax
        ret

bare_uname:                                     /* only the release is looked at */
        movb    $0, (%rdi)
        movl    $0x302e36, 130(%rdi)            /* "6.0" */
        xorl    %eax, %eax
        ret

bare_exit:
        testl   %edi, %edi
        jnz     1f
        movl    $PM_CONTROL, %edx
        movl    $0x2000, %eax
        outw    %ax, %dx
1:      movl    $EXIT_PORT, %edx
        movl    %edi, %eax
        outb    %al, %dx
2:      hlt
        jmp     2b

        .data
        .balign 8
bare_gdt:
        .quad   0, 0x00af9b000000ffff, 0x00cf93000000ffff
bare_gdt_pointer:
        .word   3 * 8 - 1
        .quad   bare_gdt
bare_random:
        .ascii  "sixteen bytes so"
bare_name:
        .asciz  "program"
        .balign 8
bare_break:
        .quad   0
bare_user_rsp:
        .quad   0

        .bss
        .balign 4096
bare_map:
        .skip   4096
bare_pointers:
        .skip   4096
bare_directory:
        .skip   4096
        .skip   4096
bare_call_stack_top:
        .skip   STACK_BYTES
bare_stack_top:

        .section .note.GNU-stack, "", @progbits
