/* demo-image.S - the demo guest's file inside the program, and its debug information.  Assembled in the top
 * folder of the build, where data/demo/tern.img and data/demo/tern.debug are made. */

        .section .rodata
        .balign 16
        .globl  astern_demo_image
        .type   astern_demo_image, @object
astern_demo_image:
        .incbin "data/demo/tern.img"
image_end:
        .size   astern_demo_image, . - astern_demo_image

        .balign 8
        .globl  astern_demo_image_size
        .type   astern_demo_image_size, @object
astern_demo_image_size:
        .quad   image_end - astern_demo_image
        .size   astern_demo_image_size, 8

        .balign 16
        .globl  astern_demo_debug
        .type   astern_demo_debug, @object
astern_demo_debug:
        .incbin "data/demo/tern.debug"
debug_end:
        .size   astern_demo_debug, . - astern_demo_debug

        .balign 8
        .globl  astern_demo_debug_size
        .type   astern_demo_debug_size, @object
astern_demo_debug_size:
        .quad   debug_end - astern_demo_debug
        .size   astern_demo_debug_size, 8

        .section .note.GNU-stack, "", @progbits
