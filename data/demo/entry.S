/* entry.S - where the processor enters the kernel, and where tasks change places. */

        .code64
        .text

/* ---- Interrupts and exceptions: struct trap_frame on the stack, then trap(). ---- */

        .macro  vector number, has_error=0
trap_\number:
        .if     \has_error == 0
        pushq   $0
        .endif
        pushq   $\number
        jmp     trap_common
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

trap_common:
        pushq   %rax
        pushq   %rbx
        pushq   %rcx
        pushq   %rdx
        pushq   %rsi
        pushq   %rdi
        pushq   %rbp
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        movq    %rsp, %rdi
        cld
        call    trap
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %r11
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rbp
        popq    %rdi
        popq    %rsi
        popq    %rdx
        popq    %rcx
        popq    %rbx
        popq    %rax
        addq    $16, %rsp                   /* vector and error code */
        iretq

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
syscall_entry:
        movq    %rsp, user_stack            /* interrupts are off: nobody comes between */
        movq    kernel_stack, %rsp
        pushq   user_stack
        pushq   %rcx                        /* user RIP */
        pushq   %r11                        /* user RFLAGS */
        pushq   %rdi
        pushq   %rsi
        pushq   %rdx
        pushq   %r8
        pushq   %r9
        pushq   %r10
        subq    $8, %rsp                    /* the ABI's alignment */
        cld
        movq    %r8, %r9
        movq    %r10, %r8
        movq    %rdx, %rcx
        movq    %rsi, %rdx
        movq    %rdi, %rsi
        movq    %rax, %rdi
        call    syscall
        addq    $8, %rsp
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rdx
        popq    %rsi
        popq    %rdi
        popq    %r11
        popq    %rcx
        popq    %rsp
        sysretq

/* ---- void switch_to (unsigned long *saved_rsp, unsigned long rsp)
 * Leaves the caller's task on its own stack and goes on where the other one left. ---- */

        .globl  switch_to
        .type   switch_to, @function
switch_to:
        pushq   %rbx
        pushq   %rbp
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        movq    %rsp, (%rdi)
        movq    %rsi, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbp
        popq    %rbx
        ret
        .size   switch_to, . - switch_to

/* A new task's first switch_to() returns here, with an IRETQ frame on the stack. */
        .globl  enter_user
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

        .bss
        .balign 8
        .globl  kernel_stack
kernel_stack:                               /* top of the running task's kernel stack */
        .skip   8
user_stack:
        .skip   8

        .section .note.GNU-stack, "", @progbits
