/* demo-image - the demo guest, a multiboot kernel in an ELF32 file, as it is built
 * from data/demo/ and linked into the program; and its DWARF, in an ELF64 file without code.
 *
 * Threads: any; it never changes.
 * Units:   size in bytes. */
#pragma once

extern const unsigned char astern_demo_image[];
extern const unsigned long astern_demo_image_size;
extern const unsigned char astern_demo_debug[];
extern const unsigned long astern_demo_debug_size;
