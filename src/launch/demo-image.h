/* demo-image - the demo guest, a multiboot kernel in an ELF32 file, as it is built
 * from data/demo/ and linked into the program.
 *
 * Threads: any; it never changes.
 * Units:   size in bytes. */
#pragma once

extern const unsigned char astern_demo_image[];
extern const unsigned long astern_demo_image_size;
