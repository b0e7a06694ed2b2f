/* entry.S - where the processor enters the kernel, and where tasks change places. */

        .code64
        .text

        .cfi_sections .debug_frame          /* for debuggers alone: nothing of it is in memory */
#define RIP 16                              /* as DWARF numbers it */

/* ---- Interrupts and exceptions: struct trap_frame on the stack, then trap(). ---- */

        .macro  vector number, has_error=0
        .cfi_startproc simple               /* what the processor pushed, from RIP on */
        .cfi_signal_frame
        .cfi_def_cfa rsp, 40 + 8 * \has_error
        .cfi_offset RIP, -40
        .cfi_offset rsp, -16
trap_\number:
        .if     \has_error == 0
        pushq   $0
        .cfi_adjust_cfa_offset 8
        .endif
        pushq   $\number
        .cfi_adjust_cfa_offset 8
        jmp     trap_common
        .cfi_endproc
        .endm

        .macro  push_saved register
        pushq   %\register
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset \register, 0
        .endm

        .macro  pop_saved register
        popq    %\register
        .cfi_adjust_cfa_offset -8
        .cfi_restore \register
        .endm

        .altmacro
        .macro  vectors first, last, has_error=0
        .set    n, \first
        .rept   \last - \first + 1
        vector  %n, \has_error
        .set    n, n + 1
        .endr
        .endm

        vectors 0, 7
        vector  8, 1
        vector  9
        vectors 10, 14, 1
        vectors 15, 16
        vector  17, 1
        vectors 18, 20
        vector  21, 1
        vectors 22, 28
        vectors 29, 30, 1
        vectors 31, 47

        .cfi_startproc simple
        .cfi_signal_frame
        .cfi_def_cfa rsp, 56
        .cfi_offset RIP, -40
        .cfi_offset rsp, -16
trap_common:
        push_saved rax
        push_saved rbx
        push_saved rcx
        push_saved rdx
        push_saved rsi
        push_saved rdi
        push_saved rbp
        push_saved r8
        push_saved r9
        push_saved r10
        push_saved r11
        push_saved r12
        push_saved r13
        push_saved r14
        push_saved r15
        movq    %rsp, %rdi
        cld
        call    trap
        pop_saved r15
        pop_saved r14
        pop_saved r13
        pop_saved r12
        pop_saved r11
        pop_saved r10
        pop_saved r9
        pop_saved r8
        pop_saved rbp
        pop_saved rdi
        pop_saved rsi
        pop_saved rdx
        pop_saved rcx
        pop_saved rbx
        pop_saved rax
        addq    $16, %rsp                   /* vector and error code */
        .cfi_adjust_cfa_offset -16
        iretq
        .cfi_endproc

        .section .rodata
        .balign 8
        .macro  address number
        .quad   trap_\number
        .endm
        .globl  trap_vectors
trap_vectors:
        .set    n, 0
        .rept   48
        address %n
        .set    n, n + 1
        .endr
        .noaltmacro

/* ---- SYSCALL: number in RAX, arguments in RDI, RSI, RDX, R10, R8. ---- */

        .text
        .globl  syscall_entry
        .cfi_startproc simple
        .cfi_def_cfa rsp, 0
        .cfi_register RIP, rcx
syscall_entry:
        movq    %rsp, user_stack            /* interrupts are off: nobody comes between */
        movq    kernel_stack, %rsp
        pushq   user_stack
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rsp, 0
        pushq   %rcx                        /* user RIP */
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset RIP, 0
        pushq   %r11                        /* user RFLAGS */
        .cfi_adjust_cfa_offset 8
        push_saved rdi
        push_saved rsi
        push_saved rdx
        push_saved r8
        push_saved r9
        push_saved r10
        subq    $8, %rsp                    /* the ABI's alignment */
        .cfi_adjust_cfa_offset 8
        cld
        movq    %r8, %r9
        movq    %r10, %r8
        movq    %rdx, %rcx
        movq    %rsi, %rdx
        movq    %rdi, %rsi
        movq    %rax, %rdi
        call    syscall
        addq    $8, %rsp
        .cfi_adjust_cfa_offset -8
        pop_saved r10
        pop_saved r9
        pop_saved r8
        pop_saved rdx
        pop_saved rsi
        pop_saved rdi
        popq    %r11
        .cfi_adjust_cfa_offset -8
        popq    %rcx
        .cfi_adjust_cfa_offset -8
        .cfi_register RIP, rcx
        popq    %rsp
        .cfi_def_cfa rsp, 0
        .cfi_restore rsp
        sysretq
        .cfi_endproc

/* ---- void switch_to (unsigned long *saved_rsp, unsigned long rsp)
 * Leaves the caller's task on its own stack and goes on where the other one left. ---- */

        .globl  switch_to
        .type   switch_to, @function
switch_to:
        .cfi_startproc
        push_saved rbx
        push_saved rbp
        push_saved r12
        push_saved r13
        push_saved r14
        push_saved r15
        movq    %rsp, (%rdi)
        movq    %rsi, %rsp
        pop_saved r15
        pop_saved r14
        pop_saved r13
        pop_saved r12
        pop_saved rbp
        pop_saved rbx
        ret
        .cfi_endproc
        .size   switch_to, . - switch_to

/* A new task's first switch_to() returns here, with an IRETQ frame on the stack. */
        .globl  enter_user
        .cfi_startproc simple
        .cfi_signal_frame
        .cfi_def_cfa rsp, 40
        .cfi_offset RIP, -40
        .cfi_offset rsp, -16
enter_user:
        movl    $0x1b, %eax
        movl    %eax, %ds
        movl    %eax, %es
        xorl    %eax, %eax
        xorl    %ecx, %ecx
        xorl    %edx, %edx
        xorl    %esi, %esi
        xorl    %edi, %edi
        xorl    %r8d, %r8d
        xorl    %r9d, %r9d
        xorl    %r10d, %r10d
        xorl    %r11d, %r11d
        iretq
        .cfi_endproc

        .bss
        .balign 8
        .globl  kernel_stack
kernel_stack:                               /* top of the running task's kernel stack */
        .skip   8
user_stack:
        .skip   8

        .section .note.GNU-stack, "", @progbits
