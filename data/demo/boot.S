/* boot.S - from the multiboot loader, 32-bit and unpaged, to kernel_main() in long mode.
 *
 * The first GiB is mapped one to one for the kernel, except for page 0, so that
 * a stray NULL faults.  The second GiB is each task's own; see tasks.c. */

#define MULTIBOOT_MAGIC   0x1badb002
#define MULTIBOOT_FLAGS   0x00000003    /* modules on pages, memory sizes please */

#define CR0_PE  (1 << 0)
#define CR0_WP  (1 << 16)
#define CR0_PG  (1 << 31)
#define CR4_PAE (1 << 5)
#define MSR_EFER 0xc0000080
#define EFER_SCE (1 << 0)
#define EFER_LME (1 << 8)

#define PRESENT_WRITABLE 0x03
#define LARGE_PAGE       0x80

        .section .multiboot, "a"
        .balign 4
        .long   MULTIBOOT_MAGIC
        .long   MULTIBOOT_FLAGS
        .long   -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

        .text
        .code32
        .globl  _start
_start:
        cli
        cld
        movl    $boot_stack_top, %esp
        movl    %ebx, %edi                  /* the multiboot information, for kernel_main() */

        movl    $0x80000000, %eax
        cpuid
        cmpl    $0x80000001, %eax
        jb      no_long_mode
        movl    $0x80000001, %eax
        cpuid
        btl     $29, %edx
        jnc     no_long_mode

        movl    $boot_pml4, %eax
        movl    %eax, %cr3
        movl    $CR4_PAE, %eax
        movl    %eax, %cr4
        movl    $MSR_EFER, %ecx
        rdmsr
        orl     $(EFER_LME | EFER_SCE), %eax
        wrmsr
        movl    $(CR0_PG | CR0_WP | CR0_PE), %eax
        movl    %eax, %cr0

        lgdt    gdt_pointer
        ljmp    $0x08, $long_mode

no_long_mode:
        movl    $no_long_mode_text, %esi
        movl    $0xb8000, %edi
        movb    $0x4f, %ah
1:      lodsb
        testb   %al, %al
        jz      2f
        stosw
        jmp     1b
2:      hlt
        jmp     2b

        .code64
long_mode:
        movl    $0x10, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss
        xorl    %eax, %eax
        movl    %eax, %fs
        movl    %eax, %gs
        movl    $boot_stack_top, %esp
        xorl    %ebp, %ebp
        movl    %edi, %edi
        call    kernel_main
1:      hlt
        jmp     1b

        .section .rodata
no_long_mode_text:
        .asciz  "Tern needs a 64-bit processor."

/* ---- The segments.  SYSRET wants user data just before user code. ---- */

        .data
        .balign 8
        .globl  gdt
gdt:    .quad   0
        .quad   0x00af9b000000ffff          /* 08 kernel code, 64 bits */
        .quad   0x00cf93000000ffff          /* 10 kernel data */
        .quad   0x00cff3000000ffff          /* 18 user data */
        .quad   0x00affb000000ffff          /* 20 user code, 64 bits */
        .quad   0, 0                        /* 28 TSS, filled in by traps_init() */
gdt_end:

gdt_pointer:
        .word   gdt_end - gdt - 1
        .quad   gdt

/* ---- The kernel's page tables. ---- */

        .balign 4096
        .globl  boot_pml4
boot_pml4:
        .quad   kernel_pdpt + PRESENT_WRITABLE + 4
        .fill   511, 8, 0
kernel_pdpt:
        .quad   kernel_pd + PRESENT_WRITABLE
        .fill   511, 8, 0
        .globl  kernel_pd
kernel_pd:
        .quad   first_pt + PRESENT_WRITABLE
        .set    page, 0x200000
        .rept   511
        .quad   page + LARGE_PAGE + PRESENT_WRITABLE
        .set    page, page + 0x200000
        .endr
first_pt:
        .quad   0                           /* nothing at NULL */
        .set    page, 0x1000
        .rept   511
        .quad   page + PRESENT_WRITABLE
        .set    page, page + 0x1000
        .endr

        .bss
        .balign 16
        .skip   8192
boot_stack_top:

        .section .note.GNU-stack, "", @progbits
